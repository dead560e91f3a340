from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    """Customers may pay online: until now eBOK had no page for it and kept Odoo's switch off."""
    env = Environment(cr, SUPERUSER_ID, {})
    env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
