from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_forbidden_access(self, operation):
        """What was written to a customer stands as it was written: it is evidence, for him and for the office.

        Odoo lets everybody who was told of a message change it, its text and its author.
        """
        if operation in ("write", "unlink") and not self.env.user._is_internal():
            return self
        return super()._get_forbidden_access(operation)
