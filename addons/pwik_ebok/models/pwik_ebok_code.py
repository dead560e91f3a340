from datetime import timedelta

from odoo import api, fields, models

from ..domain.linking import digest, make_code, normalize_code


class PwikEbokCode(models.Model):
    """An activation code that the office printed for a customer. The code itself stands in the letter alone."""

    _name = "pwik.ebok.code"
    _description = "Activation code of eBOK"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    code_digest = fields.Char(required=True, index=True, groups="base.group_system")
    date_until = fields.Date("Valid until", required=True)
    state = fields.Selection(
        [("issued", "Issued"), ("used", "Used"), ("replaced", "Replaced")], required=True, default="issued"
    )
    user_id = fields.Many2one("res.users", "Used by", readonly=True)
    date_used = fields.Datetime("Used on", readonly=True)
    expired = fields.Boolean("Run out", compute="_compute_expired")

    _code_once = models.UniqueIndex("(code_digest)", "This code was given already.")

    @api.depends("date_until", "state")
    def _compute_expired(self):
        today = fields.Date.context_today(self)
        for code in self:
            code.expired = code.state == "issued" and code.date_until < today

    @api.model
    def _get_valid_days(self):
        value = self.env["ir.config_parameter"].sudo().get_param("pwik_ebok.code_days")
        return int(value) if (value or "").isdigit() and int(value) > 0 else 60

    @api.model
    def _issue(self, partner):
        """A new code for the customer; one printed before is replaced, so that a lost letter opens nothing.

        :return: ``(record, code as it is printed)``
        """
        partner._pwik_assign_customer_number()
        self.search([("partner_id", "=", partner.id), ("state", "=", "issued")]).write({"state": "replaced"})
        code = make_code()
        issued = self.sudo().create(
            {
                "partner_id": partner.id,
                "company_id": (partner.company_id or self.env.company).id,
                "code_digest": digest(normalize_code(code)),
                "date_until": fields.Date.context_today(self) + timedelta(days=self._get_valid_days()),
            }
        )
        self.env["pwik.audit.event"]._record("code_issued", customer=partner, record=issued)
        return issued.sudo(self.env.su), code

    @api.model
    def _redeem(self, text):
        """Use up the code for the signed-in user: its record (with sudo), empty if there is none that is valid."""
        code = self.sudo().search(
            [
                ("code_digest", "=", digest(normalize_code(text))),
                ("state", "=", "issued"),
                ("date_until", ">=", fields.Date.context_today(self)),
            ],
            limit=1,
        )
        if not code:
            return code
        code.lock_for_update()
        code.invalidate_recordset(["state"])
        if code.state != "issued":
            return code.browse()
        code.write({"state": "used", "user_id": self.env.uid, "date_used": fields.Datetime.now()})
        return code
