from odoo import api, fields, models
from odoo.fields import Domain

from .ebok_fields import READABLE


class PwikEbokReadable(models.AbstractModel):
    """Of such a model a customer reads the fields of ``READABLE`` and nothing else.

    What the office notes for itself, and whatever another addon adds later, stays closed on every way in (pages, RPC, search,
    export) until somebody names it there.
    """

    _name = "pwik.ebok.readable"
    _description = "Readable in eBOK"

    @api.model
    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        if operation == "read" and field.name in self._get_ebok_fields():
            return True
        return self.env.su or not self.env.user._is_portal()

    @api.model
    def _get_ebok_fields(self):
        """Names of the fields that a customer may read."""
        return READABLE.get(self._name, frozenset())


class PwikEbokVisible(models.AbstractModel):
    """Answers, for the login that asks, whether a record belongs to a customer whom the login may see today.

    The record rules of the portal group read ``[("ebok_visible", "=", True)]``: the search below runs with each query, so that
    a link which was revoked or has run out closes at once (the domain of a rule itself is cached by Odoo).
    """

    _name = "pwik.ebok.visible"
    _description = "Visible in eBOK"
    _inherit = ["pwik.ebok.readable"]

    ebok_visible = fields.Boolean(
        "Visible in eBOK", compute="_compute_ebok_visible", search="_search_ebok_visible"
    )

    def _get_ebok_domain(self):
        """Domain of the records that the current login may see; each model answers it."""
        raise NotImplementedError

    @api.model
    def _get_ebok_contract_domain(self, name="contract_id"):
        """Domain of the records whose contract, the field `name`, the login reaches today."""
        return Domain(name, "in", self.env.user.ebok_contract_ids.ids)

    @api.model
    def _get_ebok_customer_domain(self, name="partner_id"):
        """Domain of the records whose customer, the field `name`, the login reaches today."""
        return Domain(name, "in", self.env.user.ebok_customer_ids.ids)

    @api.depends_context("uid")
    def _compute_ebok_visible(self):
        visible = self.sudo().search(Domain("id", "in", self.ids) & Domain(self._get_ebok_domain()))
        for record in self:
            record.ebok_visible = record in visible

    @api.model
    def _search_ebok_visible(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        domain = Domain(self._get_ebok_domain())
        return domain if (operator == "in") == (True in value) else ~domain
