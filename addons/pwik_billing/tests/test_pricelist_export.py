import csv
import io
import json
from urllib.parse import urlencode

import openpyxl
from odoo.tests import HttpCase, new_test_user, tagged

NAME = '{}HYPERLINK("http://evil.example","x")'
STARTS = ("=", "+", "-", "@")


@tagged("post_install", "-at_install")
class TestPricelistExport(HttpCase):
    """Odoo's price list as a table: names of products are texts for a spreadsheet, whatever they begin with."""

    def export(self, form):
        products = self.env["product.template"].create([{"name": NAME.format(start)} for start in STARTS])
        new_test_user(self.env, login="exporter", password="exporter", groups="base.group_user")
        self.authenticate("exporter", "exporter")
        data = {"active_model": "product.template", "active_ids": products.ids, "quantities": [1]}
        query = urlencode({"report_data": json.dumps(data), "export_format": form})
        answer = self.url_open(f"/product/export/pricelist/?{query}")
        self.assertEqual(answer.status_code, 200)
        return answer.content

    def test_csv(self):
        _head, *rows = csv.reader(io.StringIO(self.export("csv").decode()))
        self.assertEqual([row[0] for row in rows], ["'" + NAME.format(start) for start in STARTS])

    def test_xlsx(self):
        sheet = openpyxl.load_workbook(io.BytesIO(self.export("xlsx"))).active
        cells = [row[0] for row in sheet.iter_rows(min_row=2)]
        self.assertEqual([cell.data_type for cell in cells], ["s"] * len(STARTS))
        self.assertEqual([cell.value for cell in cells], ["'" + NAME.format(start) for start in STARTS])
