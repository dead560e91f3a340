from datetime import timedelta

from odoo import api, fields, models

from .pwik_einvoice_consent import MOST_CHANGES

#: Roles that act for the customer in what binds him; who manages a building only looks and reports.
DECIDING_ROLES = ("owner", "proxy")


class PwikEbokLink(models.Model):
    _inherit = "pwik.ebok.link"

    @api.model
    def _get_decided_partners(self, user):
        """Customers for whom `user` may decide today: consents, preferences."""
        # sudo: the links of this very user
        links = self.sudo().search([*self._get_active_domain(user), ("role", "in", DECIDING_ROLES)])
        return links.partner_id.sudo(False)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _ebok_may_change_address(self):
        """Whether another letter may go to an address that nobody has confirmed: a few a day, for one customer."""
        return (
            self.env["pwik.einvoice.consent"]
            .sudo()
            .search_count(
                [
                    ("partner_id", "=", self.id),
                    ("action", "=", "change"),
                    ("create_date", ">", fields.Datetime.now() - timedelta(days=1)),
                ]
            )
            < MOST_CHANGES
        )

    def _ebok_decide_einvoice(self, action, email, address, old_lost=False):
        """Record the consent that the signed-in user gives or withdraws for this customer, who was proven to be his to decide.

        What holds already is not recorded twice. Another address than the one that holds is a change: it counts when the
        letter to it is answered, and until then invoices go to the old one, or on paper where that is lost.

        :param action: ``given`` or ``withdrawn``
        :param old_lost: nobody reads the old address any more
        :param email: where the invoices go; unused for a withdrawal
        :param address: network address of the request, part of the proof
        :return: the new consent (sudo), or an empty set
        """
        self.ensure_one()
        customer = self.sudo()  # the caller has proven the right to decide
        change = customer._pwik_get_address_change()
        holds = bool(customer.pwik_einvoice_consent_date or change)
        if action == "withdrawn" and not holds:
            return customer.env["pwik.einvoice.consent"]
        if action == "given" and holds and not change and customer.pwik_einvoice_email == email:
            return customer.env["pwik.einvoice.consent"]
        if action == "given" and holds and customer.pwik_einvoice_email != email:
            action = "change"
        consent = customer.env["pwik.einvoice.consent"].create(
            {
                "partner_id": customer.id,
                "action": action,
                "channel": "ebok",
                "email": customer.pwik_einvoice_email if action == "withdrawn" else email,
                "old_lost": action == "change" and old_lost,
                "address": address,
                "user_id": self.env.uid,
            }
        )
        customer._message_log(
            body=customer._pwik_in_office()._get_einvoice_note(consent), author_id=self.env.user.partner_id.id
        )
        return consent

    def _get_einvoice_note(self, consent):
        if consent.action == "change":
            return self.env._(
                "E-invoice: %(login)s asked in eBOK for the new address %(email)s; it waits for its confirmation.",
                login=self.env.user.name,
                email=consent.email,
            )
        if consent.action == "given":
            return self.env._(
                "E-invoice: consent given in eBOK by %(login)s, invoices go to %(email)s.",
                login=self.env.user.name,
                email=consent.email,
            )
        return self.env._("E-invoice: consent withdrawn in eBOK by %s.", self.env.user.name)
