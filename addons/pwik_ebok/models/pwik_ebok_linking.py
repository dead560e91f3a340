from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

from ..domain.attempts import Limit
from ..domain.linking import InvoiceFact, is_proven, normalize_number, parse_amount
from .ebok_mail import send

#: Invoices of a contract whose knowledge proves that somebody may link its customer.
LAST_INVOICES = 3
#: Failed tries a day after which the contact on file is told.
TELL_AFTER = 3


class PwikEbokLink(models.Model):
    """How a login comes to a customer without the office: by an invoice in hand, by a letter's code, by an invitation."""

    _inherit = "pwik.ebok.link"

    @api.model
    def _claim_by_invoice(self, form, address):
        """Link the signed-in user to the customer whose number, invoice and amount he knows.

        One answer for whatever is wrong, also when too many tries were made: it tells neither which part was right nor
        whether there is such a customer.

        :param form: ``customer_number``, ``invoice_number``, ``amount``, ``role``, as typed
        :param address: network address of who asks
        :return: ``(link with sudo, {field: message})``
        """
        number = normalize_number(form["customer_number"])
        amount = parse_amount(form["amount"])
        errors = self._get_claim_errors(form, number, amount)
        if errors:
            return self.browse(), errors
        asker = [Limit("link_login", str(self.env.uid), 5), Limit("link_address", address, 20)]
        if self.env["pwik.ebok.attempt"]._take([Limit("link_customer", number, 5), *asker]):
            # sudo: the customer is not the user's yet; nothing of it is told but whether all three facts are right
            customer = self.env["res.partner"].sudo().search([("pwik_customer_number", "=", number)], limit=1)
            claim = InvoiceFact(form["invoice_number"], amount)
            if is_proven(claim, self._get_known_invoices(customer)):
                self.env["pwik.ebok.attempt"]._give_back(asker)
                return self._link_claimed(customer, form["role"], "invoice"), {}
            self.env["pwik.audit.event"]._record("link_failed", customer=customer, detail="invoice")
        return self.browse(), {"customer_number": self._get_claim_refusal()}

    @api.model
    def _claim_by_code(self, text, address):
        """Link the signed-in user to the customer whose letter he holds: as :meth:`_claim_by_invoice`."""
        if not normalize_number(text):
            return self.browse(), {
                "code": self.env._("Enter the code from the letter, for example ABCD-EFGH-JKMN.")
            }
        limits = [Limit("code_login", str(self.env.uid), 10), Limit("code_address", address, 30)]
        if self.env["pwik.ebok.attempt"]._take(limits):
            code = self.env["pwik.ebok.code"]._redeem(text)
            if code:
                self.env["pwik.ebok.attempt"]._give_back(limits)
                return self._link_claimed(code.partner_id, "owner", "code"), {}
            self.env["pwik.audit.event"]._record("link_failed", detail="code")
        return self.browse(), {
            "code": self.env._(
                "This code opens nothing. Check it against the letter: it may be mistyped, used, replaced by a newer one "
                "or run out. After ten tries in a day no more are looked at until the next day."
            )
        }

    @api.model
    def _get_claim_errors(self, form, number, amount):
        """What is wrong with the form itself, whoever the customer may be."""
        errors = {}
        if not number:
            errors["customer_number"] = self.env._("Enter your customer number: it stands on each invoice.")
        if not normalize_number(form["invoice_number"]):
            errors["invoice_number"] = self.env._("Enter the number of one of the last three invoices.")
        if amount is None:
            errors["amount"] = self.env._("Enter the gross amount of that invoice, for example 129,60.")
        if form["role"] not in dict(self._fields["role"].selection):
            errors["role"] = self.env._("Choose who you are.")
        return errors

    @api.model
    def _get_claim_refusal(self):
        return self.env._(
            "We could not link a customer with these data. Compare the customer number, the number of the invoice and its "
            "gross amount with one of the last three invoices. After five tries in a day no more are looked at until the "
            "next day; our office can send you a letter with an activation code."
        )

    @api.model
    def _get_known_invoices(self, customer):
        """The last invoices of each contract, ours and the previous system's, as facts to compare with.

        Those of his own contracts, and those that he, or a contact of his, was issued for somebody else's. For nobody's number
        the same question is asked, and takes as long.
        """
        # sudo: see _claim_by_invoice
        contracts = self.env["pwik.contract"].sudo().search([("partner_id", "=", customer.id or 0)])
        buyers = self.env["res.partner"].sudo().with_context(active_test=False)
        buyers = buyers.search(
            ["|", ("id", "=", customer.id or 0), ("commercial_partner_id", "=", customer.id or 0)]
        )
        self.env["account.move"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT number, gross FROM (
                    SELECT number, gross,
                           row_number() OVER (PARTITION BY contract ORDER BY day DESC, id DESC) AS place
                      FROM (SELECT name AS number, amount_total AS gross, pwik_contract_id AS contract,
                                   invoice_date AS day, id
                              FROM account_move
                             WHERE (pwik_contract_id = ANY(%(contracts)s)
                                    OR partner_id = ANY(%(buyers)s) AND commercial_partner_id = %(owner)s
                                    AND pwik_contract_id IS NOT NULL)
                               AND state = 'posted' AND move_type = 'out_invoice'
                             UNION ALL
                            SELECT number, gross, contract_id, date, id
                              FROM pwik_past_invoice
                             WHERE contract_id = ANY(%(contracts)s) OR partner_id = %(customer)s) issued
                     ) placed
                 WHERE place <= %(most)s""",
                contracts=contracts.ids or [0],
                customer=customer.id or 0,
                buyers=buyers.ids or [0],
                owner=customer.commercial_partner_id.id or 0,
                most=LAST_INVOICES,
            )
        )
        return [InvoiceFact(number, _money(gross)) for number, gross in rows]

    @api.model
    def _link_claimed(self, customer, role, way, date_to=False):
        """The link of the signed-in user to the customer, proven by `way`: with sudo.

        A letter to the customer's own address and an invitation open it at once. An invoice opens it for the customer
        himself; somebody else's right, or a second owner, is for the owner or the office to approve.
        """
        links = self.sudo()
        mine = [("user_id", "=", self.env.uid), ("partner_id", "=", customer.id), ("state", "!=", "revoked")]
        link = links.search(mine, limit=1)
        approved = way != "invoice" or (role == "owner" and not self._get_owner_links(customer))
        values = {
            "role": role,
            "way": way,
            "state": "active" if approved else "pending",
            "date_to": date_to,
            "company_id": (customer.pwik_contract_ids[:1].company_id or self.env.company).id,
        }
        if not link:
            link = links.create({**values, "user_id": self.env.uid, "partner_id": customer.id})
        elif approved and (
            link.state != "active" or link._has_run_out() or (way == "code" and link.role != role)
        ):
            link.write({**values, "date_from": fields.Date.context_today(self)})
        elif way == "invitation" and (wider := link._get_wider(role, date_to)):
            link.write(wider)
        else:
            return link
        self.env["pwik.audit.event"]._record(
            "link_claimed", customer=customer, record=link, detail=f"{way}, {role}"
        )
        link._tell_owners()
        return link

    def _get_wider(self, role, date_to):
        """What an invitation of the holder adds to his access: a right to decide, a later end; nothing is taken from him."""
        wider = {}
        if role == "owner" != self.role:
            wider["role"] = role
        if self.date_to and (not date_to or date_to > self.date_to):
            wider["date_to"] = date_to
        return wider

    def _has_run_out(self):
        return bool(self.date_to and self.date_to < fields.Date.context_today(self))

    @api.model
    def _get_owner_links(self, customer):
        """Links (with sudo) of those who decide for the customer today."""
        today = fields.Date.context_today(self)
        return self.sudo().search(
            [
                ("partner_id", "=", customer.id),
                ("role", "=", "owner"),
                ("state", "=", "active"),
                ("date_from", "<=", today),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", today),
            ]
        )

    @api.model
    def _is_owner(self, user, customer):
        """Whether this login decides today who else sees the customer's data."""
        return user in self._get_owner_links(customer).user_id

    def _tell_owners(self):
        """Tell the contact on file, and the others who decide for the customer, that a login was linked."""
        for link in self.sudo():
            others = self._get_owner_links(link.partner_id).user_id - link.user_id
            addresses = {email_normalize(link.partner_id.email or "")}
            addresses |= {email_normalize(user.email or "") for user in others}
            for address in sorted(filter(None, addresses)):
                send(self.env, "link_new", link, address, lang=link.partner_id.lang)

    def _tell_user(self):
        """Tell the login what became of its access."""
        for link in self.sudo():
            send(
                self.env,
                "link_decided",
                link,
                email_normalize(link.user_id.email or ""),
                lang=link.user_id.lang,
            )

    @api.model
    def _cron_tell_owners(self):
        """Tell the contacts of customers whom somebody tried to link and failed; once a day each.

        By the schedule and not with the try: the time of an answer must not tell that there is such a customer.
        """
        since = fields.Datetime.now() - timedelta(days=1)
        tried = self.env["pwik.audit.event"]._read_group(
            [("kind", "=", "link_failed"), ("moment", ">", since), ("customer_ref", "!=", False)],
            ["customer_ref"],
            ["__count"],
            having=[("__count", ">=", TELL_AFTER)],
        )
        customers = self.env["res.partner"].browse([ref for ref, _count in tried]).exists()
        for customer in customers:
            if customer.pwik_ebok_warned and customer.pwik_ebok_warned > since:
                continue
            customer.pwik_ebok_warned = fields.Datetime.now()
            customer.message_post(
                body=self.env._(
                    "Somebody tried to link this customer in eBOK and failed. The contact on file was told."
                ),
                subtype_xmlid="mail.mt_note",
            )
            send(self.env, "link_tried", customer, email_normalize(customer.email or ""), lang=customer.lang)


def _money(amount):
    """An amount of the ledger as it is printed."""
    return parse_amount(f"{amount:.2f}") or parse_amount("0")
