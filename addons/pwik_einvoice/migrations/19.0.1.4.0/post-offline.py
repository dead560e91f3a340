"""What was issued offline and is in KSeF now is handed out with its number; until now the PDF with the two codes stayed."""

from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {})
    rows = env["pwik.delivery"].search([("offline", "=", True), ("move_id.l10n_pl_edi_number", "!=", False)])
    for company in rows.company_id:
        mine = rows.with_context(lang=company.partner_id.lang)
        for row in mine.filtered(lambda row, own=company: row.company_id == own):
            row._ksef_replace_pdf()
