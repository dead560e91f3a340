import re
from urllib.parse import unquote

import zxingcpp
from odoo.addons.pwik_billing.tests.common import BillingCommon
from odoo.tests import tagged
from PIL import Image, ImageDraw

from .common import read_codes

MODULE = 8


@tagged("post_install", "-at_install")
class TestTransferCode(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pl_PL")
        cls.company.write(
            {
                "vat": "PL5730003841",
                "pwik_transfer_name": "PWiK Częstochowa",
                "pwik_account_branch": "99990000",
                "pwik_account_receiver": "57300038",
            }
        )
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        cls.home.partner_id.lang = "pl_PL"

    def setUp(self):
        super().setUp()
        self.move = self.bill_one(self.home, "2024-07-01", "2024-09-30")

    def test_text_names_account_amount_and_title(self):
        text = self.move._pwik_get_transfer_text(self.move.amount_total)
        nip, country, account, grosze, receiver, title, *_rest = text.split("|")
        self.assertEqual((nip, country, grosze, receiver), ("5730003841", "PL", "042088", "PWiK Częstochowa"))
        self.assertEqual(account, self.home.partner_id.pwik_payment_account)
        self.assertEqual(title, self.move.name)

    def test_code_stands_on_the_invoice(self):
        self.assertTrue(self.move._pwik_get_transfer_code().startswith("data:image/svg+xml"))
        pdf = self.render_pdf("account.account_invoices", self.move)
        self.assertIn("Zeskanuj kod", " ".join(" ".join(self.read_pdf(pdf)).split()))
        self.assertEqual(read_codes(pdf), {self.move._pwik_get_transfer_text(self.move.amount_total)})

    def test_the_code_asks_for_what_a_refund_leaves(self):
        """10 m³ too much were billed and paid: the refund of 146.23 zł is carried on, and paper and code ask for less."""
        self.home.partner_id.pwik_overpayment = "carry"
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        ).create({"payment_date": "2024-10-10"})._create_payments()
        refund = self.correct(self.move, 1251, "2024-11-04")
        self.make_reading(1300, "2024-12-31", meter=self.home.point_ids.meter_ids)
        move = self.bill_one(self.home, "2024-10-01", "2024-12-31")
        self.assertEqual(move.amount_residual, round(move.amount_total - refund.amount_total, 2))
        pdf = self.render_pdf("account.account_invoices", move)
        self.assertEqual(read_codes(pdf), {move._pwik_get_transfer_text(move.amount_residual)})

    def test_without_a_short_name_there_is_no_code(self):
        self.company.pwik_transfer_name = False
        self.assertFalse(self.move._pwik_get_transfer_code())
        text = " ".join(self.read_pdf(self.render_pdf("account.account_invoices", self.move)))
        self.assertNotIn("Zeskanuj kod", " ".join(text.split()))

    def test_the_picture_is_read_by_a_decoder(self):
        """What stands on the invoice and in eBOK, drawn and read by another program than the one that made it."""
        picture = self.draw(self.move._pwik_get_transfer_code())
        [found] = zxingcpp.read_barcodes(picture)
        self.assertEqual(found.format, zxingcpp.BarcodeFormat.QRCode)
        self.assertEqual(found.text, self.move._pwik_get_transfer_text(self.move.amount_residual))
        self.assertIn("PWiK Częstochowa", found.text)

    def draw(self, address):
        """The SVG of a ``data:`` address as a picture: rows of modules, each ``h`` is a line of so many, each ``m`` a step."""
        svg = unquote(address.partition(",")[2]).replace("'", '"')
        side = int(re.search(r'width="(\d+)"', svg)[1]) // 3 * MODULE
        picture = Image.new("L", (side, side), 255)
        pen, x, y = ImageDraw.Draw(picture), 0.0, 0.0
        for command, numbers in re.findall(
            r"([Mmh])([-0-9. ]+)", re.search(r'class="qrline"[^>]* d="([^"]+)"', svg)[1]
        ):
            values = [float(one) for one in re.findall(r"-?\d*\.?\d+", numbers)]
            if command == "M":
                x, y = values
            elif command == "m":
                x, y = x + values[0], y + values[1]
            else:
                top = int(y - 0.5) * MODULE
                box = (x * MODULE, top, (x + values[0]) * MODULE - 1, top + MODULE - 1)
                pen.rectangle(box, fill=0)
                x += values[0]
        return picture
