"""Odoo's links in letters to a record (`/mail/view`): a guest signs in first, and nothing is written for him."""

from odoo.addons.portal.controllers.mail import MailController
from odoo.http import request


class EbokMailLink(MailController):
    @classmethod
    def _redirect_to_record(cls, model, res_id, access_token=None, **kwargs):
        """Odoo asks the record as the superuser where a guest may go; that writes a token that never runs out onto it.

        Invoices and records of ours open nothing by a token: the guest is sent to sign in before the record is touched.
        """
        if request.session.uid is None and (model == "account.move" or str(model).startswith("pwik.")):
            return cls._redirect_to_login_with_mail_view(model, res_id, access_token=access_token, **kwargs)
        return super()._redirect_to_record(model, res_id, access_token=access_token, **kwargs)
