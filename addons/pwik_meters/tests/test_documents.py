import io
import socket
import threading
from unittest.mock import patch

from odoo.modules.module import get_manifest, get_module_path
from odoo.tests import tagged
from pypdf import PdfReader

from ..tools import typeset
from ..tools.print_picture import print_picture
from ..tools.typeset import Attachment, DocumentError, can_draw, read_sources
from .common import PwikCommon

REPORT = "pwik_meters.report_reading_book_action"
TEMPLATE = "pwik_meters/report/reading_book.typ"


@tagged("post_install", "-at_install")
class TestDocuments(PwikCommon):
    def values(self, **values):
        """Values of a reading book without a meter, as the report prepares them."""
        report = self.env.ref(REPORT)
        return {**report._pwik_prepare_document(report, self.route), **values}

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
            self.assertEqual(page.count("Last reading"), 1, "the head of the table on each page")

    def test_reading_book_holds_no_customer(self):
        text = "".join(self.read_pdf(self.render_pdf(REPORT, self.route)))
        self.assertNotIn("Gęśla", text)

    def test_archivable_and_tagged(self):
        root = PdfReader(io.BytesIO(self.render_pdf(REPORT, self.route))).trailer["/Root"]
        self.assertTrue(root["/MarkInfo"]["/Marked"])
        self.assertEqual(root["/Lang"], "en")
        self.assertTrue(root["/ViewerPreferences"]["/DisplayDocTitle"])
        metadata = root["/Metadata"].get_object().get_data().decode()
        self.assertRegex(metadata, r"pdfaid:part[^0-9]+3")
        self.assertRegex(metadata, r"pdfaid:conformance[^A-Z]+A")
        self.assertRegex(metadata, r"pdfuaid:part[^0-9]+1")
        self.assertIn("Reading book", metadata)

    def test_a_table_tells_its_heads_and_a_heading_its_level(self):
        self.make_reading(1)
        root = PdfReader(io.BytesIO(self.render_pdf(REPORT, self.route))).trailer["/Root"]
        kinds = read_structure(root["/StructTreeRoot"])
        self.assertEqual((kinds.count("H1"), kinds.count("Table"), kinds.count("TH")), (1, 1, 6))
        self.assertGreaterEqual(kinds.count("TD"), 6)

    def test_all_letters_are_in_the_file(self):
        reader = PdfReader(io.BytesIO(self.render_pdf(REPORT, self.route)))
        fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
        self.assertTrue(fonts)
        for font in fonts:
            name = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            self.assertTrue({"/FontFile2", "/FontFile3"} & set(name), font["/BaseFont"])
            self.assertIn("OpenSans", font["/BaseFont"])

    def test_each_record_is_a_document_of_its_own(self):
        routes = self.route | self.route.copy({"code": "TST-R2", "name": "Druga"})
        streams = self.env["ir.actions.report"]._render_qweb_pdf_prepare_streams(REPORT, {}, routes.ids)
        self.assertEqual(list(streams), routes.ids)
        texts = ["".join(self.read_pdf(item["stream"].getvalue())) for item in streams.values()]
        self.assertIn("Rynek i okolice", texts[0])
        self.assertNotIn("Druga", texts[0])
        self.assertIn("Druga", texts[1])

    def test_as_html_it_is_pictures_of_its_pages(self):
        for number in range(40):
            self.install(self.make_meter(f"ŁÓDŹ-{number:04}"), self.make_point(f"ul. Żółwia {number}"))
        html, kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, self.route.ids)
        self.assertEqual(kind, "html")
        pages = len(self.read_pdf(self.render_pdf(REPORT, self.route)))
        self.assertEqual(html.count(b'src="data:image/svg+xml;base64,'), pages)
        self.assertIn(f'alt="Reading book, Page {pages} of {pages}"'.encode(), html)

    def test_other_reports_keep_their_engine(self):
        report = self.env.ref(REPORT).copy({"pwik_template": False})
        with (
            patch.object(type(report), "_run_wkhtmltopdf", return_value=b"%PDF-other") as other,
            patch.object(type(report), "get_wkhtmltopdf_state", return_value="ok"),
            patch.object(type(report), "_render_template", return_value=b"<main/>"),
        ):
            report._render_qweb_pdf_prepare_streams(report, {}, self.route.ids)
        self.assertTrue(other.called)

    # ------------------------------------------------------------------ what goes in

    def test_what_a_value_says_is_text(self):
        """Neither Typst's markup nor HTML; no letter that cannot be printed stops the document."""
        hostile = '#read("/etc/hostname") *a* _b_ $x$ = <img src=x> @c `d` \\ "e" // f'
        self.route.name = f"{hostile} 漢字\x00\x07\ufeff\ue000 Zażółć"
        with self.assertLogs("odoo.addons.pwik_meters.tools.typeset", "WARNING") as logs:
            text = " ".join(" ".join(self.read_pdf(self.render_pdf(REPORT, self.route))).split())
        self.assertIn(hostile, text)
        self.assertIn("Zażółć", text)
        self.assertIn("u6f22", logs.output[0])

    def test_nothing_is_read_or_fetched(self):
        """A template that refers to servers and files gets neither."""
        for source, refusal in (
            (b'#read("/etc/hostname")', "file not found"),
            (b'#read("../../../../etc/hostname")', "escape"),
            (b'#image("/web/static/img/logo.png")', "file not found"),
            (b'#import "@preview/cetz:0.3.0"', "package"),
        ):
            with (
                self.subTest(source),
                patch.object(typeset, "read_sources", return_value={TEMPLATE: source}),
                patch.object(socket.socket, "connect", side_effect=AssertionError("network")),
                self.assertRaisesRegex(DocumentError, refusal),
            ):
                typeset.typeset(TEMPLATE, self.values())

    def test_no_template_wants_a_package(self):
        reports = self.env["ir.actions.report"].search([("pwik_template", "!=", False)])
        self.assertGreaterEqual(len(reports), 3)
        for template in set(reports.mapped("pwik_template")):
            for path, source in read_sources(template).items():
                self.assertNotRegex(source, rb'"@', path)

    def test_sources_are_templates_of_addons(self):
        for path, error in (
            ("pwik_meters/__manifest__.py", ValueError),
            ("pwik_meters/report/../../../etc/x.typ", OSError),
            ("/etc/passwd", OSError),
            ("base/x.typ", OSError),
        ):
            with self.subTest(path), self.assertRaises(error):
                read_sources(path)

    def test_a_wrong_value_is_named(self):
        with self.assertRaisesRegex(DocumentError, "reading_book.*heading"):
            typeset.typeset(TEMPLATE, {k: v for k, v in self.values().items() if k != "heading"})

    def test_attachment(self):
        xml = Attachment("dane.xml", b"<a>\xc5\xbc</a>", "Dane", "Data", "application/xml")
        data = Attachment("dane.bin", bytes(range(256)))
        reader = PdfReader(io.BytesIO(typeset.typeset(TEMPLATE, self.values(), [xml, data])))
        self.assertEqual(reader.attachments["dane.xml"], [xml.content])
        self.assertEqual(reader.attachments["dane.bin"], [data.content])
        kinds = {
            file.get_object()["/UF"]: file.get_object()["/AFRelationship"]
            for file in reader.trailer["/Root"]["/AF"]
        }
        self.assertEqual(kinds, {"dane.xml": "/Data", "dane.bin": "/Supplement"})

    # ------------------------------------------------------------------ the engine

    def test_same_values_same_bytes(self):
        values = self.values()
        first, second = (typeset.typeset(TEMPLATE, values, moment=1_700_000_000) for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(PdfReader(io.BytesIO(first)).metadata.creation_date.timestamp(), 1_700_000_000)

    def test_several_threads_at_once(self):
        found = {}

        def make(number):
            values = self.titled[number]
            for _ in range(5):
                found[number] = "".join(self.read_pdf(typeset.typeset(TEMPLATE, values)))

        self.titled = [self.values(heading=f"Numer {number}") for number in range(6)]
        threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in range(6):
            self.assertIn(f"Numer {number}", found[number])

    def test_memory_does_not_grow(self):
        """Typst keeps what it laid out, for a while: hundreds of documents must not add up."""
        values = self.values()
        for number in range(100):
            typeset.typeset(TEMPLATE, {**values, "heading": f"Numer {number}"})
        before = read_memory()
        for number in range(300):
            typeset.typeset(TEMPLATE, {**values, "heading": f"Inny numer {number}"})
        self.assertLess(read_memory() - before, 20, "MiB")

    # ------------------------------------------------------------------ pictures

    def test_logo(self):
        svg = (
            b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
        )
        self.assertEqual(print_picture(svg), svg)
        with self.assertLogs("odoo.addons.pwik_meters.tools.print_picture", "WARNING"):
            self.assertIsNone(print_picture(b"<svg><broken"))
        with self.assertLogs("odoo.addons.pwik_meters.tools.print_picture", "WARNING"):
            self.assertIsNone(print_picture(b"no picture"))
        with open(f"{get_module_path('pwik_meters')}/static/description/icon.png", "rb") as file:
            wrapped = print_picture(file.read())
        self.assertIn(b"data:image/jpeg;base64,", wrapped)
        self.assertTrue(can_draw(wrapped))
        letterhead = {**self.values()["letterhead"], "logo": wrapped}
        reader = PdfReader(io.BytesIO(typeset.typeset(TEMPLATE, self.values(letterhead=letterhead))))
        self.assertEqual([image.name[-4:] for image in reader.pages[0].images], [".jpg"])

    def test_the_engine_is_named_as_needed(self):
        self.assertIn("typst", get_manifest("pwik_meters")["external_dependencies"]["python"])


def read_structure(node):
    """Kinds of all elements of a structure tree, in order."""
    kinds = []
    below = node.get_object().get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        child = child.get_object() if hasattr(child, "get_object") else child
        if hasattr(child, "get") and "/S" in child:
            kinds += [child["/S"].lstrip("/"), *read_structure(child)]
    return kinds


def read_memory():
    """Resident memory of this process, MiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4 // 1024
