from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    """Who pays for somebody's contract has a customer number, too: until now only who has a contract of his own had one."""
    env = Environment(cr, SUPERUSER_ID, {})
    contracts = env["pwik.contract"].with_context(active_test=False).search([("state", "!=", "draft")])
    contracts.invoice_partner_id._pwik_assign_customer_number()
