"""Odoo's links in letters to a record (`/mail/view`), where the record is an invoice or one of ours.

Odoo's own way writes a token that never runs out onto the record, as the superuser and for a guest too, and reads it
back in the customer's name, who may not. Here no page is opened by a token, so that none is made.
"""

from odoo.addons.portal.controllers.mail import MailController
from odoo.http import request


class EbokMailLink(MailController):
    @classmethod
    def _redirect_to_record(cls, model, res_id, access_token=None, **kwargs):
        """A guest signs in first; a customer is led to the record's page; staff go Odoo's own way."""
        if model == "account.move" or str(model).startswith("pwik."):
            if request.session.uid is None:
                return cls._redirect_to_login_with_mail_view(
                    model, res_id, access_token=access_token, **kwargs
                )
            if request.env.user._is_portal():
                return request.redirect(cls._ebok_page_of(model, res_id))
        return super()._redirect_to_record(model, res_id, access_token=access_token, **kwargs)

    @staticmethod
    def _ebok_page_of(model, res_id):
        """The record's page in eBOK; the first page where it has none, or is not the customer's."""
        if res_id and model in request.env and "access_url" in request.env[model]._fields:
            record = request.env[model].browse(res_id).exists()
            if record and record.has_access("read") and record.sudo().access_url != "#":
                return record.sudo().access_url
        return "/my"
