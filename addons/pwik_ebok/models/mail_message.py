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

    def _portal_message_format_attachments(self, attachment_values):
        """Who may not take a file away is not handed the key to it, nor shown the button."""
        values = super()._portal_message_format_attachments(attachment_values)
        if not self.env.user._is_internal():
            values.pop("ownership_token", None)
        return values
