from odoo.tests import tagged

from ..exceptions import SubmissionRefused
from .common import CaseCommon

PDF = b"%PDF-1.4\n%%EOF\n"


@tagged("post_install", "-at_install")
class TestFiles(CaseCommon):
    """Uploads are judged by content and kept with cleaned names."""

    def test_allowed_files_are_kept(self):
        case = self.make_case()
        kept = case._attach_files([("../umowa.PDF", PDF), ("opis.txt", "Zażółć".encode())])
        self.assertEqual(kept.mapped("name"), ["umowa.pdf", "opis.txt"])
        self.assertEqual(kept.mapped("mimetype"), ["application/pdf", "text/plain"])
        self.assertEqual(kept[0].raw, PDF)
        self.assertEqual(set(kept.mapped("res_id")), {case.id})
        self.assertEqual(set(kept.mapped("public")), {False})
        self.assertEqual(kept.mapped("access_token"), [False, False])

    def test_one_bad_file_refuses_all(self):
        case = self.make_case()
        with self.assertRaises(SubmissionRefused) as caught:
            case._attach_files([("a.pdf", PDF), ("b.svg", b"<svg/>"), ("c.pdf", b""), ("d.pdf", b"text")])
        message = caught.exception.errors["files"]
        self.assertEqual(len(message.splitlines()), 3)
        self.assertNotIn("a.pdf", message)
        self.assertFalse(
            self.env["ir.attachment"].search_count(
                [("res_model", "=", "pwik.case"), ("res_id", "=", case.id)]
            )
        )

    def test_ten_megabytes(self):
        with self.assertRaisesRegex(SubmissionRefused, "10 MB"):
            self.make_case()._check_files([("a.txt", b"a" * (10 * 1024 * 1024 + 1))])

    def test_ten_files(self):
        with self.assertRaisesRegex(SubmissionRefused, "10 files"):
            self.make_case()._check_files([("a.txt", b"a")] * 11)
