from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _pwik_in_office(self):
        """These records in the language of the office, which reads the chatter, whoever acts: a customer, a mail server."""
        return self.with_context(lang=self.env.company._pwik_get_office_lang())

    def _creation_message(self):
        """Odoo's "%s created" knows no gender: "Umowa utworzono". What was created stands above the chatter."""
        if not self._name.startswith("pwik."):
            return super()._creation_message()
        return self._pwik_in_office().env._("Created.")
