from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    # A model whose messages customers read and answer in eBOK says so.
    _ebok_conversation = False

    @api.model
    def _ebok_is_closed(self):
        """Whether the messages of this model are the office's own, though a customer sees the records."""
        return (
            isinstance(self, self.env.registry["pwik.ebok.visible"])
            and not self._ebok_conversation
            and self.env.user._is_portal()
        )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if self._ebok_is_closed():
            return dict.fromkeys(self, "write")  # which no customer may
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):
        """Customers sign in: a link with a token never runs out and would outlive the right to see the record."""
        if isinstance(self, self.env.registry["pwik.ebok.visible"]):
            if self._ebok_is_closed():
                return self.browse()
            hash = pid = token = None
        return super()._get_thread_with_access(thread_id, hash=hash, pid=pid, token=token, **kwargs)
