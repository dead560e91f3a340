"""Installation hooks."""


def post_init_hook(env):
    """Give each company with a chart of accounts its billing journal and tax, and quantities three decimals.

    Odoo stores quantities with two decimals unless told otherwise: 10.549 m³ would become 10.55 on the invoice.
    """
    precision = env.ref("uom.decimal_product_uom")
    precision.digits = max(precision.digits, 3)
    env.ref("uom.product_uom_cubic_meter").active = True
    for company in env["res.company"].search([("chart_template", "!=", False)]):
        company._pwik_billing_setup()
