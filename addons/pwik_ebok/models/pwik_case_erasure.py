from odoo import fields, models
from odoo.addons.pwik_cases.models.pwik_case_flow import MANAGER_GROUP
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize

from .ebok_mail import send


class PwikCaseType(models.Model):
    _inherit = "pwik.case.type"

    handler = fields.Selection(
        selection_add=[("erasure", "Erases the customer's data")], ondelete={"erasure": "set default"}
    )


class PwikCase(models.Model):
    """Requests for erasure (RODO art. 17): approving one masks the customer for good, where no law keeps his data."""

    _inherit = "pwik.case"

    erasure_blocks = fields.Text("What keeps the data", compute="_compute_erasure_blocks")

    def _compute_erasure_blocks(self):
        for case in self:
            blocks = []
            if case.handler == "erasure" and not case.is_closed and case.partner_id:
                blocks = case.partner_id._pwik_get_erasure_blocks(case)
            case.erasure_blocks = "\n".join(case.partner_id._pwik_get_block_lines(blocks))

    def action_open_erasure(self):
        """Ask for the confirmation of what cannot be taken back."""
        return self._get_wizard_action("pwik.erasure", self.env._("Erase the customer's data"))

    def _check_erasure(self):
        """A manager decides, somebody has confirmed it by the customer's number, and nothing keeps the data.

        :raises UserError: the list of what keeps them, and until when
        """
        self.ensure_one()
        if not self.env.user.has_group(MANAGER_GROUP):
            raise AccessError(self.env._("A manager decides on the erasure of a customer's data."))
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer whose data shall be erased."))
        blocks = self.partner_id._pwik_get_erasure_blocks(self)
        if blocks:
            raise UserError(
                "\n".join(
                    (
                        self.env._("The data of this customer cannot be erased yet:"),
                        *self.partner_id._pwik_get_block_lines(blocks),
                    )
                )
            )
        if self.env.context.get("pwik_erasure_confirmed") != self.partner_id.id:
            raise UserError(
                self.env._("Erasing cannot be taken back: confirm it by the button “Erase the data”.")
            )

    def _approve_erasure(self):
        """Mask, then tell the person where he was reached so far: the last that goes there (art. 12 (3))."""
        self.ensure_one()
        customer = self.partner_id
        lang = (self.submitter_id or customer).lang
        addresses = {email_normalize(one.email or "") for one in (customer, self.submitter_id)}
        customer._pwik_erase(self)
        for address in sorted(filter(None, addresses)):
            send(self.env, "erased", self, address, lang=lang)
