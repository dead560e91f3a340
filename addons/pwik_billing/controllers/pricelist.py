"""Odoo's price list as a table holds no cell that a spreadsheet computes (CWE-1236), as the exports of lists do."""

from odoo.addons.product.controllers.pricelist_report import ProductPricelistExportController
from odoo.addons.pwik_meters.domain.migration.output import guard


class PricelistExport(ProductPricelistExportController):
    def _generate_rows(self, products, quantities):
        rows = super()._generate_rows(products, quantities)
        return [[guard(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
