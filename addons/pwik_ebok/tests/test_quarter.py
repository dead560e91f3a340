"""A quarter of the demo's customers from the bill to the payment: delivered in four ways, paid in two, nothing is owed."""

import base64
import io
import re
from datetime import date
from decimal import Decimal

from odoo.addons.pwik_einvoice.demo.bank_files import camt, mt940
from odoo.addons.pwik_einvoice.domain.bank import Statement, Transaction
from odoo.addons.pwik_einvoice.tests.common import make_certificate
from odoo.addons.pwik_einvoice.tests.ksef_double import KsefDouble
from odoo.tests import HttpCase, tagged
from pypdf import PdfReader

from .common import PASSWORD
from .paying import Paying

BANK_ACCOUNT = "61109010140000071219812874"
PAYER = "27114020040000300201355387"
PERIOD = {"period_from": "2026-04-01", "period_to": "2026-06-30", "invoice_date": "2026-07-06"}
PAID_ON = date(2026, 7, 17)
LOGINS = {
    "billing": "user_billing",
    "customer": "user_customer",
    "neighbour": "user_neighbour",
    "manager": "user_property_manager",
}


@tagged("post_install", "-at_install")
class TestQuarter(Paying, HttpCase):
    """On the demo data, as they are after the installation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env = cls.env(context={**cls.env.context, "lang": "pl_PL"})
        cls.set_up_providers()
        certificate = make_certificate(cls.env)
        cls.company.sudo().write(
            {
                "pwik_seal_certificate_id": certificate.id,
                "l10n_pl_edi_certificate": certificate.id,
                "l10n_pl_edi_access_token": "access",
                "l10n_pl_edi_refresh_token": "refresh",
                "l10n_pl_edi_session_id": False,
            }
        )
        cls.journal = cls.env["account.journal"].create(
            {
                "name": "Bank Demonstracyjny",
                "code": "BD",
                "type": "bank",
                "bank_acc_number": f"PL{BANK_ACCOUNT}",
                "pwik_bank_profile_id": cls.env.ref("pwik_einvoice.pwik_bank_profile_individual").id,
            }
        )
        cls.logins = {name: cls.env.ref(f"pwik_ebok.{xmlid}") for name, xmlid in LOGINS.items()}
        for login in cls.logins.values():
            login.password = PASSWORD
        cls.anna = cls.env.ref("pwik_meters.customer_01")

    def bill(self):
        run = self.env["pwik.billing.run"].create({**PERIOD, "billing_cycle": "quarter"})
        run.action_preview()
        run.action_approve()
        run._process_all()
        return run

    def deliver(self, run):
        """:return: the delivery run, after KSeF (a double on loopback) took what is meant for it"""
        ksef = KsefDouble()
        self.addCleanup(ksef.close)
        self.env["ir.config_parameter"].sudo().set_param("pwik_einvoice.ksef_api_url", ksef.url)
        delivery = self.env["pwik.delivery.run"].browse(run.action_deliver()["res_id"])
        self.assertFalse(delivery.warning)
        delivery.action_start()
        delivery._process_all()
        with self.enter_registry_test_mode():
            self.env.ref("pwik_einvoice.ir_cron_ksef").method_direct_trigger()
        self.env.invalidate_all()
        delivery.batch_ids.action_mark_mailed()
        self.assertEqual(
            set(delivery.delivery_ids.mapped("state")), {"done"}, delivery.delivery_ids.mapped("reason")
        )
        self.assertEqual(ksef.numbers(), sorted(self.by_channel(delivery, "ksef").mapped("name")))
        return delivery

    @staticmethod
    def by_channel(delivery, channel):
        return delivery.delivery_ids.filtered(lambda row: row.channel == channel).move_id

    def assert_delivered(self, delivery, moves):
        firms, mailed, printed = (
            self.by_channel(delivery, channel) for channel in ("ksef", "electronic", "paper")
        )
        self.assertEqual(firms | mailed | printed, moves)
        self.assertEqual(firms, moves.filtered(lambda move: move.partner_id.is_company))
        self.assertTrue(all(firms.mapped("l10n_pl_edi_number")))
        self.assertTrue(all(firms.mapped("l10n_pl_edi_upo_id")))
        self.assertEqual(mailed.partner_id, self.anna, "the only one with a consent that holds")
        [mail] = self.env["mail.mail"].search(
            [("model", "=", "pwik.delivery"), ("res_id", "in", mailed.pwik_delivery_ids.ids)]
        )
        self.assertEqual(mail.email_to, "anna.kowalska@example.com")
        self.assertEqual(delivery.batch_ids.mapped("letter_count"), [len(printed)])
        letters = "".join(
            page.extract_text()
            for page in PdfReader(io.BytesIO(base64.b64decode(delivery.batch_ids.file))).pages
        )
        self.assertEqual([name for name in printed.mapped("name") if name not in letters], [])

    def assert_documents_in_ebok(self, move):
        """Picture and signed data, as its owner gets them."""
        pdf = self.url_open(f"/my/invoices/{move.id}?report_type=pdf&download=true").content
        xml = self.url_open(f"/my/invoices/{move.id}/xml").content
        self.assertEqual(list(PdfReader(io.BytesIO(pdf)).attachments.values()), [[xml]])
        self.assertEqual(self.company._pwik_check_file(xml).code, "ours")

    def statement(self, moves, number):
        """What the moves ask for, on the individual accounts of those who pay."""
        payments = tuple(
            Transaction(
                PAID_ON,
                Decimal(f"{move.amount_residual:.2f}"),
                "woda drugi kwartał",
                move.partner_id.name,
                PAYER,
                move.partner_id.pwik_payment_account,
                f"{number}-{at}",
            )
            for at, move in enumerate(moves, 1)
        )
        opening = Decimal("1000.00")
        closing = opening + sum(one.amount for one in payments)
        return Statement(BANK_ACCOUNT, PAID_ON, "PLN", payments, number, opening, closing)

    def take_in(self, **files):
        """As the clerk of billing imports them."""
        env = self.env(user=self.logins["billing"])
        attachments = env["ir.attachment"].create(
            [{"name": name.replace("_", "."), "raw": raw} for name, raw in files.items()]
        )
        wizard = env["pwik.bank.import.wizard"].create({"attachment_ids": attachments.ids})
        wizard.action_import()
        return self.env["pwik.bank.transaction"].search([("journal_id", "=", self.journal.id)])

    def assert_nothing_owed(self, login):
        self.authenticate(self.logins[login].login, PASSWORD)
        page = self.url_open("/my/balance").text
        shown = re.search(r"o_ebok_amount[^>]*>(.*?)</p>", page, re.DOTALL)[1]
        text = re.sub(r"<[^>]+>|\s|&nbsp;|\xa0", "", shown)
        self.assertEqual(text, "0,00zł", login)

    def test_billed_delivered_paid(self):
        run = self.bill()
        moves = run.settlement_ids.move_id
        self.assertGreater(len(moves), 30)
        delivery = self.deliver(run)
        self.assert_delivered(delivery, moves)

        invoice = moves.filtered(lambda move: move.partner_id == self.anna)
        self.authenticate("klient", PASSWORD)
        self.assert_documents_in_ebok(invoice)
        self.assertIn("alert-success", self.pay("balance", invoice.amount_residual, customer=self.anna))

        others = moves - invoice
        firms = others.filtered(lambda move: move.partner_id.is_company)
        payments = self.take_in(
            wyciag_sta=mt940(self.statement(others - firms, "7")).encode("cp1250"),
            wyciag_xml=camt(self.statement(firms, "8")),
        )
        self.assertEqual(len(payments), len(others))
        self.assertEqual(set(payments.mapped("state")), {"matched"}, payments.mapped("reason"))
        self.env.invalidate_all()
        self.assertEqual(set(moves.mapped("payment_state")), {"paid"})
        self.assertEqual({str(one) for one in moves.partner_id.mapped("pwik_balance")}, {"0.0"})
        for login in ("customer", "neighbour", "manager"):
            self.assert_nothing_owed(login)
