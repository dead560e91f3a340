"""Fixtures of eBOK: a customer, another customer, a former owner and a login without any link."""

import base64

from odoo.addons.pwik_meters.tests.common import PwikCommon
from odoo.tests import new_test_user

PASSWORD = "Haslo-Testowe-2026"
PDF = b"%PDF-1.4\nTekst dawnej faktury\n%%EOF\n"


class EbokCommon(PwikCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.date_start = "2025-07-01"
        cls.contract.contract_point_ids.date_from = "2025-07-01"
        cls.former_customer = cls._make_customer("Genowefa Dawna")
        cls.former_contract = cls.make_contract(
            cls.former_customer,
            cls.point,
            date_start="2020-01-01",
            date_end="2025-06-30",
        )
        cls.owner = cls.make_login("owner", cls.customer)
        cls.other = cls.make_login("other", cls.other_customer)
        cls.former = cls.make_login("former", cls.former_customer)
        cls.nobody = cls.make_login("nobody")
        cls.former_reading = cls.make_reading(150.0, "2025-03-31")
        cls.reading = cls.make_reading(201.5, "2025-09-30")
        cls.later_reading = cls.make_reading(230.0, "2025-12-31")
        cls.other_reading = cls.make_reading(77.25, "2025-09-30", meter=cls.other_meter)
        cls.invoice = cls.make_invoice(cls.contract)
        cls.other_invoice = cls.make_invoice(cls.other_contract)
        cls.past_invoice = cls.make_past_invoice(cls.contract, "FV/DAWNA/1")
        cls.other_past_invoice = cls.make_past_invoice(cls.other_contract, "FV/OBCA/1")
        cls.note, cls.reminder = cls.make_claims(cls.customer, "MOJA")
        cls.other_note, cls.other_reminder = cls.make_claims(cls.other_customer, "OBCA")
        cls.case = cls.make_case(cls.customer, cls.contract, "Cieknie przy liczniku")
        cls.file = (
            cls.env["ir.attachment"]
            .with_user(cls.owner)
            .sudo()
            .create(
                {"name": "plik.txt", "raw": b"Tekst pliku", "res_model": "pwik.case", "res_id": cls.case.id}
            )
        )
        cls.other_case = cls.make_case(cls.other_customer, cls.other_contract, "Sprawa obca")

    @classmethod
    def make_login(cls, login, *customers, **link_values):
        """A portal login with a partner of its own, linked to the customers."""
        user = new_test_user(
            cls.env, login=login, password=PASSWORD, groups="base.group_portal", name=f"Login {login}"
        )
        cls.env["pwik.ebok.link"].create(
            [
                {
                    "user_id": user.id,
                    "partner_id": customer.id,
                    "state": "active",
                    "date_from": "2025-01-01",
                    **link_values,
                }
                for customer in customers
            ]
        )
        return user

    @classmethod
    def make_invoice(cls, contract):
        """A posted invoice of the contract."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": contract.partner_id.id,
                "invoice_date": "2025-10-06",
                "pwik_contract_id": contract.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Woda", "quantity": 27, "price_unit": 4.76, "tax_ids": False})
                ],
            }
        )
        move.action_post()
        return move

    @classmethod
    def make_past_invoice(cls, contract, number):
        """An invoice of the previous system with its document."""
        return cls.env["pwik.past.invoice"].create(
            {
                "number": number,
                "partner_id": contract.partner_id.id,
                "contract_id": contract.id,
                "date": "2025-08-31",
                "net": 100,
                "vat": 8,
                "gross": 108,
                "pdf": base64.b64encode(PDF),
                "pdf_name": "dawna.pdf",
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def make_claims(cls, partner, number):
        """An interest note and a reminder which the customer was sent."""
        level = cls.env["pwik.dunning.level"].search([], limit=1)
        values = {
            "company_id": cls.company.id,
            "partner_id": partner.id,
            "state": "sent",
            "date": "2025-11-30",
            "date_due": "2025-12-14",
            "amount": 12.34,
        }
        note = cls.env["pwik.interest.note"].create(
            {**values, "number": f"NO/{number}/1", "kind": "delay", "date_to": "2025-11-30"}
        )
        reminder = cls.env["pwik.dunning.notice"].create(
            {
                **values,
                "number": f"WZ/{number}/1",
                "level_id": level.id,
                "title": "Upomnienie",
                "text": "Zaległość",
            }
        )
        for document in (note, reminder):
            document.attachment_id = cls.env["ir.attachment"].create(
                {"name": "pismo.pdf", "raw": PDF, "res_model": document._name, "res_id": document.id}
            )
        return note, reminder

    @classmethod
    def make_case(cls, partner, contract, subject):
        return cls.env["pwik.case"].create(
            {
                "type_id": cls.env["pwik.case.type"]._get_by_code("remark", cls.company).id,
                "name": subject,
                "description": subject,
                "partner_id": partner.id,
                "contract_id": contract.id,
            }
        )
