"""Odoo's own forms that edit a partner directly are closed for customers: what they want changed is a request.

Staff who open the portal keep Odoo's pages.
"""

from odoo.http import request, route
from werkzeug.exceptions import Forbidden

from .main import EbokPortal


class EbokClosed(EbokPortal):
    def _ebok_is_customer(self):
        return request.env.user._is_portal()

    @route()
    def account(self, **kwargs):
        if self._ebok_is_customer():
            return request.redirect("/my/customer")
        return super().account(**kwargs)

    @route()
    def my_addresses(self, **query_params):
        if self._ebok_is_customer():
            return request.redirect("/my/customer")
        return super().my_addresses(**query_params)

    @route()
    def portal_address(self, *args, **kwargs):
        if self._ebok_is_customer():
            return request.redirect("/my/customer/request")
        return super().portal_address(*args, **kwargs)

    @route()
    def portal_address_submit(self, *args, **kwargs):
        if self._ebok_is_customer():
            raise Forbidden()
        return super().portal_address_submit(*args, **kwargs)

    @route()
    def address_archive(self, partner_id):
        if self._ebok_is_customer():
            raise Forbidden()
        return super().address_archive(partner_id)

    @route()
    def security(self, **post):
        """Odoo's own page, in the frame of eBOK."""
        # A form that lacks a field is one that is not filled in, not an error of the server.
        post = {**dict.fromkeys(("old", "new1", "new2"), ""), **post}
        response = super().security(**post)
        if hasattr(response, "qcontext"):
            response.qcontext.update(page_name="ebok_security", customer=self._ebok_is_customer())
        return self._ebok_private(response)

    @route()
    def deactivate_account(self, validation="", password="", **post):
        if self._ebok_is_customer():
            raise Forbidden()
        return super().deactivate_account(validation, password, **post)
