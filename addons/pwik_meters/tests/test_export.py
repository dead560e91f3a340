import csv
import io
import json

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged
from openpyxl import load_workbook

STARTS = ("=", "+", "-", "@", "\t", "\r")
PASSWORD = "Haslo-Testowe-2026"


@tagged("post_install", "-at_install")
class TestExport(HttpCase):
    """A list that the office exports holds no cell that a spreadsheet computes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = [f'{start}HYPERLINK("http://example.com")' for start in STARTS]
        cls.partners = cls.env["res.partner"].create([{"name": name} for name in cls.names])
        groups = "base.group_user,base.group_partner_manager,base.group_allow_export"
        new_test_user(cls.env, login="export-clerk", password=PASSWORD, groups=groups)

    def export(self, form, groupby=()):
        self.authenticate("export-clerk", PASSWORD)
        body = {
            "model": "res.partner",
            "fields": [{"name": "name", "label": "=1+1", "store": True, "type": "char"}],
            "ids": self.partners.ids,
            "domain": [["id", "in", self.partners.ids]],
            "groupby": list(groupby),
            "import_compat": False,
            "context": {},
        }
        answer = self.url_open(
            f"/web/export/{form}",
            data={"data": json.dumps(body), "csrf_token": http.Request.csrf_token(self)},
        )
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        return answer.content

    def test_csv(self):
        cells = [row[0] for row in csv.reader(io.StringIO(self.export("csv").decode(), newline=""))][1:]
        self.assertEqual(len(cells), len(STARTS))
        for cell in cells:
            self.assertTrue(cell.startswith("'"), repr(cell))

    def test_xlsx(self):
        for groupby in ((), ("company_id",)):
            book = load_workbook(io.BytesIO(self.export("xlsx", groupby)))
            cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]
            self.assertGreater(len(cells), len(STARTS))
            for cell in cells:
                self.assertNotEqual(cell.data_type, "f", cell.value)

    def test_pivot(self):
        self.authenticate("export-clerk", PASSWORD)
        evil = [*self.names, '{=HYPERLINK("http://example.com")}']
        table = {
            "title": "Meters",
            "model": "pwik.meter",
            "measure_count": 1,
            "col_group_headers": [[{"title": name, "width": 1, "height": 1} for name in evil]],
            "measure_headers": [{"title": name, "is_bold": False} for name in evil],
            "rows": [
                {"title": name, "indent": 0, "values": [{"value": name}, {"value": 1.5}]} for name in evil
            ],
        }
        answer = self.url_open(
            "/web/pivot/export_xlsx",
            data={"data": json.dumps(table), "csrf_token": http.Request.csrf_token(self)},
        )
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        book = load_workbook(io.BytesIO(answer.content))
        cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]
        self.assertEqual(sum("HYPERLINK" in str(cell.value) for cell in cells), 4 * len(evil))
        self.assertEqual(sum(cell.value == 1.5 for cell in cells), len(evil), "a number stays one")
        for cell in cells:
            self.assertNotEqual(cell.data_type, "f", cell.value)

    def test_what_is_no_pivot_table(self):
        self.authenticate("export-clerk", PASSWORD)
        token = http.Request.csrf_token(self)
        for data in (None, "", "no JSON", "[]", "{}", "1", "[" * 100_000):
            sent = {"csrf_token": token} | ({} if data is None else {"data": data})
            answer = self.url_open("/web/pivot/export_xlsx", data=sent)
            self.assertEqual(answer.status_code, 400, (data or "")[:20])
