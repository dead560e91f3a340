from odoo import fields, models
from odoo.tools import format_date, html2plaintext

from ..domain.data_copy import Paper, Section, pack
from .pwik_data_copy_sections import FIELDS, OWN_COLUMNS

#: Messages of a case that the customer sees in eBOK.
_MESSAGE_TYPES = ("comment", "email", "auto_comment")


class ResPartner(models.Model):
    """A customer's copy of his data. What goes in is named field by field; nothing that staff note for themselves."""

    _inherit = "res.partner"

    def _pwik_make_data_copy(self, user=None):
        """The copy as a ZIP.

        :param user: the customer's login that asks; what it did itself is told in full, what other logins did without a name
        :return: ``(content, file name)``
        """
        self.ensure_one()
        # sudo: the caller has proven whose data these are; below, each domain begins with this customer
        customer = self.sudo().with_context(active_test=False)
        sections = [customer._pwik_copy_section(*part) for part in customer._pwik_copy_records(user)]
        sections += [
            customer._pwik_copy_meters(),
            customer._pwik_copy_messages(user),
            customer._pwik_copy_access(user),
            customer._pwik_copy_audit(user),
        ]
        content = pack(customer._pwik_copy_paper(), sections, customer._pwik_copy_files())
        number = customer.pwik_customer_number or customer.id
        self.env["pwik.audit.event"]._record(
            "export", customer=self, detail="zip, ebok" if user else "zip, office"
        )
        return content, f"dane_{number}_{fields.Date.context_today(self)}.zip"

    def _pwik_copy_paper(self):
        company = self.company_id or self.env.company
        return Paper(
            lang=(self.env.lang or "pl_PL").replace("_", "-"),
            title=self.env._("Copy of the data of %s", self.name),
            notes=[
                self.env._(
                    "Made on %(day)s by %(company)s for the person whom the data concern (RODO art. 15 and 20).",
                    day=format_date(self.env, fields.Date.context_today(self)),
                    company=company.name,
                ),
                self.env._(
                    "The same data are in dane.json for programs and in the folder csv for spreadsheets. "
                    "The documents of invoices are in eBOK."
                ),
            ],
            files_title=self.env._("Files that you sent"),
        )

    # Records, field by field ----------------------------------------------------------------------------------------

    def _pwik_copy_records(self, user):
        """Triples of code, title and records; their fields are those of ``FIELDS``."""
        contracts = self._pwik_copy_contracts()
        cases = self._pwik_copy_cases()
        mine, ours = ("partner_id", "=", self.id), ("contract_id", "in", contracts.ids)
        find = self._pwik_copy_find
        yield "customer", self.env._("Customer"), self | self.pwik_correspondence_id
        yield "login", self.env._("Login to eBOK"), user.sudo() if user else self.env["res.users"]
        yield "contracts", self.env._("Contracts"), contracts
        yield "points", self.env._("Service points"), contracts.contract_point_ids
        yield "readings", self.env._("Readings"), find("pwik.reading", [ours], "date")
        yield (
            "invoices",
            self.env._("Invoices"),
            find("account.move", self._pwik_copy_moves(), "invoice_date"),
        )
        yield (
            "settlements",
            self.env._("Settlements"),
            find(
                "pwik.settlement",
                ["|", ours, ("move_id", "any", self._pwik_copy_moves()), ("move_id.state", "=", "posted")],
                "period_from",
            ),
        )
        yield "payments", self.env._("Payments"), find("account.move.line", self._pwik_copy_paid(), "date")
        yield "past_invoices", self.env._("Earlier invoices"), find("pwik.past.invoice", [mine], "date")
        yield "past_payments", self.env._("Earlier payments"), find("pwik.past.payment", [mine], "date")
        sent = [mine, ("state", "=", "sent")]
        yield "interest_notes", self.env._("Interest notes"), find("pwik.interest.note", sent, "date")
        yield "reminders", self.env._("Reminders"), find("pwik.dunning.notice", sent, "date")
        yield "cases", self.env._("Cases"), cases
        yield "changes", self.env._("Requested changes"), cases.change_ids
        yield "consents", self.env._("Consents to e-invoices"), find("pwik.einvoice.consent", [mine], "date")
        told = ("recipient_id", "in", (self | user.sudo().partner_id if user else self).ids)
        yield "notices", self.env._("Notices"), find("pwik.notice", [told, mine], "id")
        yield "preferences", self.env._("Choice of notices"), find("pwik.notice.preference", [told], "id")

    def _pwik_copy_find(self, model, domain, order):
        return self.env[model].search(domain, order=order)

    def _pwik_copy_contracts(self):
        return self.env["pwik.contract"].search([("partner_id", "=", self.id), ("state", "!=", "draft")])

    def _pwik_copy_cases(self):
        return self.env["pwik.case"].search(
            [("partner_id", "=", self.id), ("type_id.portal_visible", "=", True)], order="date_received, id"
        )

    def _pwik_copy_moves(self):
        return [
            "|",
            ("partner_id", "=", self.id),
            ("commercial_partner_id", "=", self.id),
            ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund")),
        ]

    def _pwik_copy_paid(self):
        return [
            ("partner_id", "=", self.id),
            ("parent_state", "=", "posted"),
            ("account_type", "=", "asset_receivable"),
            ("move_id.move_type", "=", "entry"),
        ]

    def _pwik_copy_fields(self, code):
        """Names of the fields that go in, in their order; an addon that keeps more of a person adds its own."""
        return FIELDS[code]

    def _pwik_copy_section(self, code, title, records):
        names = self._pwik_copy_fields(code)
        columns = [(name, records._fields[name]._description_string(self.env)) for name in names]
        labels = {
            name: dict(records._fields[name]._description_selection(self.env))
            for name in names
            if records._fields[name].type == "selection"
        }
        rows = [[self._pwik_copy_value(record, name, labels) for name in names] for record in records]
        return Section(code, title, columns, rows)

    def _pwik_copy_value(self, record, name, labels):
        """A cell: words of a selection, the name of what a link leads to, days and moments as ISO 8601."""
        field, value = record._fields[name], record[name]
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if field.type in ("float", "monetary", "integer"):
            return value
        if not value:
            return None
        if field.type == "selection":
            return labels[name].get(value, value)
        if field.type == "many2one":
            return value.display_name
        if field.type in ("date", "datetime"):
            return value.isoformat()
        return str(value)

    # What is told in words of its own -------------------------------------------------------------------------------

    def _pwik_copy_columns(self, code):
        words = {
            "meter": self.env._("Meter"),
            "address": self.env._("Address"),
            "from": self.env._("From"),
            "to": self.env._("To"),
            "case": self.env._("Case"),
            "moment": self.env._("When"),
            "who": self.env._("Who"),
            "text": self.env._("Text"),
            "role": self.env._("Role"),
            "state": self.env._("Status"),
            "what": self.env._("What"),
            "detail": self.env._("Details"),
            "network": self.env._("Network address"),
        }
        return [(name, words[name]) for name in OWN_COLUMNS[code]]

    def _pwik_copy_meters(self):
        """Meters at the customer's points, with the days within his contract only."""
        rows = []
        for place in self._pwik_copy_contracts().contract_point_ids:
            point = place.service_point_id
            for stay in self.env["pwik.meter.installation"].search([("service_point_id", "=", point.id)]):
                start = max(stay.date_from, place.date_from)
                ends = [day for day in (stay.date_to, place.date_to) if day]
                end = min(ends) if ends else None
                if end is None or start <= end:
                    rows.append(
                        [
                            stay.meter_id.serial,
                            point.display_name,
                            start.isoformat(),
                            end and end.isoformat(),
                        ]
                    )
        return Section("meters", self.env._("Meters"), self._pwik_copy_columns("meters"), rows)

    def _pwik_copy_case_messages(self):
        """What customer and office wrote to each other: no note of staff, whatever marks it as one."""
        return self.env["mail.message"].search(
            [
                ("model", "=", "pwik.case"),
                ("res_id", "in", self._pwik_copy_cases().ids),
                ("message_type", "in", _MESSAGE_TYPES),
                ("is_internal", "=", False),
                ("subtype_id", "!=", False),
                ("subtype_id.internal", "=", False),
            ],
            order="date, id",
        )

    def _pwik_copy_messages(self, user):
        numbers = {case.id: case.number for case in self._pwik_copy_cases()}
        rows = [
            [
                numbers[message.res_id],
                message.date.isoformat(),
                self._pwik_copy_author(message.author_id, user),
                html2plaintext(message.body or "").strip() or None,
            ]
            for message in self._pwik_copy_case_messages()
        ]
        return Section("messages", self.env._("Messages"), self._pwik_copy_columns("messages"), rows)

    def _pwik_copy_author(self, author, user):
        """Who wrote: the person himself by name, the office as such, other people as such."""
        if author == self or (user and author == user.sudo().partner_id):
            return author.name
        companies = self._pwik_get_own_companies()
        if author in companies or any(not one.share for one in author.user_ids):
            return self.env._("Office")
        return self.env._("another person")

    def _pwik_copy_access(self, user):
        links = self.env["pwik.ebok.link"]
        labels = {
            name: dict(links._fields[name]._description_selection(self.env)) for name in ("role", "state")
        }
        rows = [
            [
                user.login if user and link.user_id == user else self.env._("another login"),
                labels["role"][link.role],
                link.date_from.isoformat(),
                link.date_to.isoformat() if link.date_to else None,
                labels["state"][link.state],
            ]
            for link in links.search([("partner_id", "=", self.id)])
        ]
        return Section("access", self.env._("Who sees the data"), self._pwik_copy_columns("access"), rows)

    def _pwik_copy_audit(self, user):
        events = self.env["pwik.audit.event"]
        kinds = dict(events._fields["kind"]._description_selection(self.env))
        domain = [("customer_ref", "=", self.id)]
        if user:
            domain = ["|", ("user_ref", "=", user.id), *domain]
        rows = []
        for event in events.search(domain, order="moment, id"):
            own = user and event.user_ref == user.id
            if own and event.customer_ref not in (0, self.id):
                continue  # what the login did for another customer
            rows.append(
                [
                    event.moment.isoformat(),
                    kinds[event.kind],
                    user.login if own else self.env._("another login or the office"),
                    event.detail or None,
                    event.address if own else None,
                ]
            )
        return Section("audit", self.env._("History"), self._pwik_copy_columns("audit"), rows)

    def _pwik_copy_files(self):
        """Triples of folder, name and content: what customers sent with cases, what the office answered with, photos."""
        cases = self._pwik_copy_cases()
        numbers = {case.id: case.number for case in cases}
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "pwik.case"),
                ("res_id", "in", cases.ids),
                ("res_field", "=", False),
                ("create_uid.share", "=", True),
            ],
            order="id",
        )
        for file in files | self._pwik_copy_case_messages().attachment_ids:
            yield numbers.get(file.res_id) or "sprawa", file.name, file.raw or b""
        photos = self.env["pwik.reading"].search(
            [
                ("contract_id", "in", self._pwik_copy_contracts().ids),
                ("source", "=", "customer"),
                ("photo", "!=", False),
            ]
        )
        pictures = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "pwik.reading"),
                ("res_field", "=", "photo"),
                ("res_id", "in", photos.ids),
            ]
        )
        days = {reading.id: reading.date for reading in photos}
        for picture in pictures:
            ending = "png" if picture.mimetype == "image/png" else "jpg"
            yield "odczyty", f"odczyt-{days[picture.res_id]}.{ending}", picture.raw or b""
