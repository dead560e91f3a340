import io
import socket
from unittest.mock import patch

from odoo.tests import tagged
from pypdf import PdfReader

from ..tools.pdf import BASE_URL, Attachment, StaticFetcher, html_to_pdf
from .common import PwikCommon

REPORT = "pwik_meters.report_reading_book_action"


@tagged("post_install", "-at_install")
class TestDocuments(PwikCommon):
    def test_reading_book_text_and_pages(self):
        self.make_reading(123.456)
        for number in range(40):
            point = self.make_point(f"ul. Żółwia {number}")
            self.install(self.make_meter(f"ŁÓDŹ-{number:04}"), point)
        pages = self.read_pdf(self.render_pdf(REPORT, self.route))
        self.assertGreater(len(pages), 1)
        text = "\n".join(pages)
        self.assertIn("Rynek i okolice", pages[0])
        self.assertIn("ul. Żółwia 39, Źródła", text)
        self.assertIn("ŁÓDŹ-0039", text)
        self.assertRegex(text, r"123[.,]456")
        for number, page in enumerate(pages, 1):
            self.assertIn(f"Page {number} of {len(pages)}", page)

    def test_reading_book_holds_no_customer(self):
        text = "".join(self.read_pdf(self.render_pdf(REPORT, self.route)))
        self.assertNotIn("Gęśla", text)

    def test_archivable_and_tagged(self):
        root = PdfReader(io.BytesIO(self.render_pdf(REPORT, self.route))).trailer["/Root"]
        self.assertTrue(root["/MarkInfo"]["/Marked"])
        metadata = root["/Metadata"].get_object().get_data().decode()
        self.assertRegex(metadata, r"pdfaid:part[^0-9]+3")
        self.assertRegex(metadata, r"pdfaid:conformance[^A-Z]+A")

    def test_each_record_is_a_document_of_its_own(self):
        routes = self.route | self.route.copy({"code": "TST-R2", "name": "Druga"})
        streams = self.env["ir.actions.report"]._render_qweb_pdf_prepare_streams(REPORT, {}, routes.ids)
        self.assertEqual(list(streams), routes.ids)
        texts = ["".join(self.read_pdf(item["stream"].getvalue())) for item in streams.values()]
        self.assertIn("Rynek i okolice", texts[0])
        self.assertNotIn("Druga", texts[0])
        self.assertIn("Druga", texts[1])

    def test_other_reports_keep_their_engine(self):
        report = self.env.ref(REPORT).copy({"pwik_weasyprint": False})
        with (
            patch.object(type(report), "_run_wkhtmltopdf", return_value=b"%PDF-other") as other,
            patch.object(type(report), "get_wkhtmltopdf_state", return_value="ok"),
        ):
            report._render_qweb_pdf_prepare_streams(report, {}, self.route.ids)
        self.assertTrue(other.called)

    def test_nothing_is_fetched(self):
        """A document that refers to servers and files is made without touching either."""
        html = (
            '<html><head><title>x</title><link rel="stylesheet" href="https://example.com/a.css"/></head><body>'
            '<img src="http://example.com/a.png" alt=""/><img src="file:///etc/hostname" alt=""/>'
            '<img src="/web/static/../../base/__manifest__.py" alt=""/><p>Zażółć</p></body></html>'
        )
        with (
            patch.object(socket.socket, "connect", side_effect=AssertionError("network")),
            self.assertLogs("odoo.addons.pwik_meters.tools.pdf", "WARNING") as logs,
        ):
            content = html_to_pdf(html)
        self.assertIn("Zażółć", self.read_pdf(content)[0])
        self.assertEqual(len(logs.output), 4)

    def test_static_files_only(self):
        fetcher = StaticFetcher()
        self.assertIn(b"@page", fetcher.fetch(f"{BASE_URL}/pwik_meters/static/src/print/document.css").read())
        for path in (
            "pwik_meters/__manifest__.py",
            "pwik_meters/static/../__manifest__.py",
            "pwik_meters/static/%2e%2e/__manifest__.py",
            "pwik_meters/static/src/js/weasyprint_report_handler.js",
        ):
            with self.subTest(path), self.assertRaises(ValueError):
                fetcher.fetch(f"{BASE_URL}/{path}")

    def test_attachment(self):
        content = html_to_pdf(
            "<html><head><title>x</title></head><body><p>x</p></body></html>",
            [Attachment("dane.xml", b"<a/>", relationship="Data")],
        )
        self.assertEqual(PdfReader(io.BytesIO(content)).attachments["dane.xml"], [b"<a/>"])
