from collections import namedtuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, format_date

from ..domain.retention import forward, tax_kept_until

#: Why a customer's data stay: words, and the last day (None where it is not known).
Block = namedtuple("Block", "what until")
CLOSED_CONTRACT_STATES = ("terminated",)
#: What of a partner tells who it is. Not the customer number: by it the ledger hangs together, and it names nobody.
IDENTIFYING = (
    *(
        "street",
        "street2",
        "zip",
        "city",
        "state_id",
        "phone",
        "email",
        "vat",
        "website",
        "comment",
        "function",
    ),
    *(
        "company_name",
        "barcode",
        "ref",
        "image_1920",
        "pwik_payment_account",
        "partner_latitude",
        "partner_longitude",
    ),
)


class ResPartner(models.Model):
    """Erasure of a person (RODO art. 17): what keeps his data, and how they are masked when nothing does."""

    _inherit = "res.partner"

    pwik_erased_on = fields.Datetime("Data erased on", readonly=True, copy=False, index="btree_not_null")

    # What keeps the data ---------------------------------------------------------------------------------------------

    def _pwik_get_erasure_blocks(self, case=None):
        """Why the data of this customer cannot be erased yet.

        :param case: the request itself, which keeps nothing
        :return: list of :class:`Block`, empty when nothing keeps them
        """
        self.ensure_one()
        partner = self.sudo().with_context(
            active_test=False
        )  # whoever asks: everything that the utility has counts
        blocks = [
            *partner._pwik_get_contract_blocks(),
            *partner._pwik_get_money_blocks(),
            *partner._pwik_get_case_blocks(case),
        ]
        today = fields.Date.context_today(self)
        return [block for block in blocks if not block.until or block.until >= today]

    def _pwik_get_contract_blocks(self):
        contracts = self.env["pwik.contract"].search(
            ["|", ("partner_id", "=", self.id), ("invoice_partner_id", "child_of", self.id)]
        )
        for contract in contracts:
            if contract.state not in CLOSED_CONTRACT_STATES or not contract.date_end:
                yield Block(self.env._("Contract %s is not ended.", contract.number), None)
        period = self.env["pwik.retention"]._get_by_code("customer")
        ended = [one.date_end for one in contracts if one.state in CLOSED_CONTRACT_STATES and one.date_end]
        if ended and period:
            yield Block(
                self.env._("Claims out of the last contract are not time-barred yet."),
                forward(max(ended), period.period, period.unit),
            )

    def _pwik_get_money_blocks(self):
        mine = ("partner_id", "child_of", self.commercial_partner_id.id)
        lines = self.env["account.move.line"]
        open_items = [
            mine,
            ("parent_state", "=", "posted"),
            ("account_type", "in", ("asset_receivable", "liability_payable")),
            ("reconciled", "=", False),
        ]
        if lines.search_count(open_items, limit=1):
            yield Block(self.env._("The account has open items: a debt or an overpayment."), None)
        years = self.env["pwik.retention"]._get_by_code("invoice_file").period or 5
        last = lines.search([mine, ("parent_state", "=", "posted")], order="date desc", limit=1)
        if last:
            yield Block(
                self.env._("Invoices and payments, and the settlements behind them, are kept for the taxes."),
                tax_kept_until(last.date, years),
            )
        drafts = [mine, ("state", "=", "draft")]
        if self.env["account.move"].search_count(drafts, limit=1):
            yield Block(self.env._("A draft invoice waits."), None)
        past = self.env["pwik.past.invoice"].search(
            [("partner_id", "=", self.id)], order="date desc", limit=1
        )
        if past:
            years = self.env["pwik.retention"]._get_by_code("past_invoice").period or 5
            yield Block(
                self.env._("Invoices of the previous system are kept for the taxes."),
                tax_kept_until(max(past.date, past.due_date or past.date), years),
            )

    def _pwik_get_case_blocks(self, case=None):
        cases = self.env["pwik.case"].search([("partner_id", "=", self.id), ("pwik_erased_on", "=", False)])
        if case:
            cases -= case._origin  # a form that is being filled in holds a copy of it
        # requests for erasure themselves keep nothing
        cases = cases.filtered(lambda one: one.handler != "erasure" or not one.is_closed)
        for one in cases.filtered(lambda one: not one.is_closed):
            yield Block(self.env._("Case %s is open.", one.number), None)
        period = self.env["pwik.retention"]._get_by_code("case")
        closed = [one.date_closed for one in cases if one.is_closed and one.date_closed]
        if closed and period:
            yield Block(
                self.env._("Closed cases are kept for as long as claims may arise out of them."),
                forward(max(closed).date(), period.period, period.unit),
            )

    def _pwik_get_block_lines(self, blocks):
        """The blocks in words, a line each."""
        return [
            f"{block.what} "
            + (
                self.env._("Until %s.", format_date(self.env, block.until))
                if block.until
                else self.env._("Until that is over.")
            )
            for block in blocks
        ]

    # Masking ---------------------------------------------------------------------------------------------------------

    def _pwik_erase(self, case=None):
        """Mask who this customer is, for good: name, addresses, identifiers, messages, cases, logins that see nobody else.

        The entries in the ledger, the contracts and the readings stay under the customer number, which names nobody any more.

        :param case: the request for it, which is masked as well and stays open until its transition closes it
        :raises UserError: something keeps the data
        """
        self.ensure_one()
        blocks = self._pwik_get_erasure_blocks(case)
        if blocks:
            raise UserError("\n".join(self._pwik_get_block_lines(blocks)))
        # sudo: the caller has proven the right to decide; a clerk may not delete messages and logins
        partner = self.sudo().with_context(active_test=False, tracking_disable=True)
        partner._pwik_erase_logins()
        partner.env["pwik.case"].search([("partner_id", "=", partner.id)])._pwik_erase()
        people = partner._pwik_get_people()
        people._pwik_erase_history()
        people._pwik_erase_traces()
        people._pwik_mask()
        self.env["pwik.audit.event"]._record("erasure", customer=partner, detail=case and case.number)

    def _pwik_mask(self):
        """Overwrite what identifies these partners."""
        names = [name for name in IDENTIFYING if name in self._fields]
        for partner in self.with_context(active_test=True):  # a login that is archived already does not count
            number = partner.pwik_customer_number or partner.commercial_partner_id.pwik_customer_number
            partner.write(
                {
                    **dict.fromkeys(names, False),
                    "name": self.env._("Erased %s", number or partner.id),
                    "active": False,
                    "pwik_erased_on": fields.Datetime.now(),
                }
            )

    def _pwik_erase_history(self):
        """Messages, tracked values, activities, followers and files of these partners."""
        self.message_ids.unlink()
        self.activity_ids.unlink()
        self.message_follower_ids.unlink()
        files = self.env["ir.attachment"].search(
            [("id", ">", 0), ("res_model", "=", "res.partner"), ("res_id", "in", self.ids)]
        )
        files.unlink()

    def _pwik_erase_logins(self):
        """End every access to this customer; a login that sees nobody else is archived and masked."""
        links = self.env["pwik.ebok.link"]
        mine = links.search([("partner_id", "=", self.id)])
        users = mine.user_id
        mine.message_ids.unlink()
        mine.write({"state": "revoked"})
        others = links.search([("user_id", "in", users.ids), ("state", "!=", "revoked")])
        (users - others.user_id)._pwik_erase_login()


class ResUsers(models.Model):
    _inherit = "res.users"

    def _pwik_erase_login(self):
        """Archive and mask customers' logins for good; staff are never touched."""
        for user in self.sudo().filtered("share"):
            addresses = list(filter(None, (user.login, email_normalize(user.login), user.email_normalized)))
            self.env["pwik.ebok.signup"].sudo().search([("email", "in", addresses)]).unlink()
            person = user.partner_id
            user.with_context(tracking_disable=True).write({"active": False, "signature": False})
            user.flush_recordset()
            # Past the model: Odoo would write to the old address that the login was changed.
            self.env.cr.execute(
                "UPDATE res_users SET login = %s, password = NULL WHERE id = %s",
                [f"erased-{user.id}", user.id],
            )
            user.invalidate_recordset()
            person._pwik_erase_history()
            person._pwik_erase_traces()
            person.with_context(tracking_disable=True)._pwik_mask()


class PwikCase(models.Model):
    _inherit = "pwik.case"

    pwik_erased_on = fields.Datetime("Data erased on", readonly=True, copy=False)

    def _pwik_erase(self):
        """Mask what was written in these cases, for good: number, kind, days and decision stay.

        The caller runs with sudo: the schedule, or the erasure of the customer.
        """
        self.message_ids.unlink()
        self.activity_ids.unlink()
        files = self.env["ir.attachment"].search(
            [("id", ">", 0), ("res_model", "=", "pwik.case"), ("res_id", "in", self.ids)]
        )
        files.unlink()
        self.change_ids.write({"old_value": False, "new_value": False, "reason": False})
        for case in self.with_context(tracking_disable=True):
            case.write(
                {
                    "name": case.type_id.name,
                    "description": False,
                    "resolution": False,
                    "answer_sent": False,
                    "email_from": False,
                    "tracking_code": False,
                    "submitter_id": False,
                    "pwik_erased_on": fields.Datetime.now(),
                }
            )
            case.message_follower_ids.unlink()
