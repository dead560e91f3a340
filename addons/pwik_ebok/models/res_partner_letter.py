"""The letter with an activation code on paper."""

from odoo import models
from odoo.addons.pwik_meters.tools.typeset import strong
from odoo.exceptions import UserError
from odoo.tools import format_date


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _pwik_prepare_print(self, report, data):
        """Values of the letter, in the user's language; see ``ir.actions.report._pwik_prepare_document``.

        :param data: ``{"ebok_codes": {partner id: {"code", "until"}}}``, as the wizard hands it over that makes the codes
        """
        self.ensure_one()
        issued = (data.get("ebok_codes") or {}).get(self.id)
        if not issued:
            raise UserError(
                self.env._("The code is printed by the wizard “letter with an activation code” alone.")
            )
        address = self._pwik_get_correspondence_address()
        place = " ".join(filter(None, (address.zip, address.city)))
        return {
            "title": self.env._("Your access to eBOK"),
            "company": self.pwik_contract_ids[:1].company_id or self.env.company,
            "customer": self.env._("Customer number %s", strong(self.pwik_customer_number)),
            "address": list(filter(None, (self.name, address.street, address.street2, place))),
            "intro": self.env._(
                "In the Internet Customer Service Office you see your invoices, your balance, contracts and readings, send the "
                "reading of your meter and write to our office. This letter opens it for you."
            ),
            "code": {
                "label": self.env._("Activation code"),
                "text": issued["code"],
                "note": self.env._(
                    "Valid until %s, to be used once.", format_date(self.env, issued["until"])
                ),
            },
            "steps": {"heading": self.env._("What to do"), "lines": self._prepare_letter_steps()},
            "secret": {
                "heading": self.env._("Keep it to yourself"),
                "text": self.env._(
                    "Whoever enters the code sees your data. Our staff never ask for it. If you did not ask for this letter, "
                    "you need do nothing: without the code nothing opens. If the letter was open when it reached you, call us: "
                    "a new one makes this code useless."
                ),
            },
        }

    def _prepare_letter_steps(self):
        return [
            self.env._(
                "Open %s and state your name and e-mail address. If you have a login already, sign in.",
                strong(f"{self.get_base_url()}/ebok/signup"),
            ),
            self.env._("Open the link in the e-mail that we send you and choose a password."),
            self.env._(
                "In eBOK choose “Link a customer”, then “I have a code from a letter”, and enter the code."
            ),
        ]
