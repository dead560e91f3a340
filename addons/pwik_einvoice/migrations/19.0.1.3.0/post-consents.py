"""A change of the address is no new consent: who changed it has his first day back."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    cr.execute("SELECT partner_id FROM pwik_einvoice_consent GROUP BY partner_id HAVING COUNT(*) > 1")
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.partner"].browse(row[0] for row in cr.fetchall())._compute_pwik_consent()
