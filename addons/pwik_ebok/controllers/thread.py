"""The conversation of a case: what was written stands, whoever wrote it."""

from odoo.addons.portal.controllers.thread import PortalThreadController
from odoo.exceptions import UserError
from odoo.http import request, route


class EbokThread(PortalThreadController):
    @classmethod
    def _can_edit_message(cls, message, **kwargs):
        """Odoo lets an author change what was answered already; here it is evidence. A mistake is corrected by the next one."""
        return request.env.user._is_internal() and super()._can_edit_message(message, **kwargs)

    @route()
    def mail_message_post(self, thread_model, thread_id, post_data, context=None, **kwargs):
        """A message of a customer makes work in the office: a day has a limit."""
        if request.env.user.share and self._get_thread_with_access_for_post(
            thread_model, thread_id, **kwargs
        ):
            if not request.env["pwik.ebok.attempt"]._take_of_day("message_login", request.env.uid):
                raise UserError(
                    request.env._("Enough was written for today. Write the rest tomorrow, or call us.")
                )
        return super().mail_message_post(thread_model, thread_id, post_data, context=context, **kwargs)
