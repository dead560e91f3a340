"""The conversation of a case: what was written stands, whoever wrote it."""

from odoo.addons.portal.controllers.thread import PortalThreadController
from odoo.http import request


class EbokThread(PortalThreadController):
    @classmethod
    def _can_edit_message(cls, message, **kwargs):
        """Odoo lets an author change what was answered already; here it is evidence. A mistake is corrected by the next one."""
        return request.env.user._is_internal() and super()._can_edit_message(message, **kwargs)
