"""Fixtures of the cases: people who work on them, and a customer who opens them."""

from datetime import timedelta

from odoo.addons.pwik_meters.tests.common import PwikCommon


class CaseCommon(PwikCommon):
    """``staff``, ``manager`` and ``reader`` are users; ``submitter`` is the partner of the person signed in to eBOK."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls.make_user("case_staff", "pwik_meters.pwik_meters_group_user")
        cls.manager = cls.make_user("case_manager", "pwik_meters.pwik_meters_group_manager")
        cls.reader = cls.make_user("case_reader", "pwik_meters.pwik_meters_group_reader")
        cls.submitter = cls.env["res.partner"].create(
            {"name": "Zarządca Zbigniew", "email": "zbigniew@example.pl", "lang": "en_US"}
        )
        cls.today = cls.env["pwik.case"]._today()
        cls.customer.write({"phone": "+48 601 234 567", "email": "zaneta@example.pl"})

    @classmethod
    def kind(cls, code):
        return cls.env.ref(f"pwik_cases.pwik_case_type_{code}")

    @classmethod
    def days_ago(cls, days):
        return cls.today - timedelta(days)

    @classmethod
    def make_case(cls, kind="remark", **values):
        """A case opened by staff, in their hands; read and decided on with their rights."""
        case = cls.env["pwik.case"].create(
            {
                "type_id": cls.kind(kind).id,
                "name": "Sprawa",
                "description": "Opis",
                "partner_id": cls.customer.id,
                **values,
            }
        )
        return case.with_user(cls.staff)

    @classmethod
    def submit(cls, kind, values, contract=None, meter=None, partner=None):
        """A case opened in eBOK, with staff's rights for what follows."""
        case = cls.env["pwik.case"]._create_from_portal(
            kind,
            values,
            cls.submitter,
            partner or cls.customer,
            contract=contract,
            meter=meter,
        )
        return case.with_user(cls.staff)

    @classmethod
    def submit_reading(cls, value, days_ago=0, **kwargs):
        values = {"reading_value": str(value), "reading_date": cls.days_ago(days_ago).isoformat()}
        return cls.submit("reading", values, **{"meter": cls.meter, "contract": cls.contract, **kwargs})

    def last_public_message(self, case):
        """The newest message that the customer sees."""
        comment = self.env.ref("mail.mt_comment")
        return case.sudo().message_ids.filtered(lambda message: message.subtype_id == comment)[:1]
