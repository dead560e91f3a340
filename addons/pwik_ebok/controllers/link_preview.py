"""Odoo looks up the links of a message for its preview: the server would open what a customer writes."""

from odoo.addons.mail.controllers.link_preview import LinkPreviewController
from odoo.http import request, route


class EbokLinkPreview(LinkPreviewController):
    @route()
    def mail_link_preview(self, message_id):
        if not request.env.user._is_internal():
            return None
        return super().mail_link_preview(message_id)
