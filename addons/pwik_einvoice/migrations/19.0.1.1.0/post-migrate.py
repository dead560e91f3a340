"""Water and sewage get their PKWiU: their products are data that an update leaves alone."""


def migrate(cr, version):
    for name, symbol in (("product_water", "36.00.20.0"), ("product_sewage", "37.00.11.0")):
        cr.execute(
            """
            UPDATE product_template t SET pwik_pkwiu = %s
              FROM product_product p JOIN ir_model_data d ON d.res_id = p.id AND d.model = 'product.product'
             WHERE t.id = p.product_tmpl_id AND d.module = 'pwik_billing' AND d.name = %s AND t.pwik_pkwiu IS NULL
            """,
            (symbol, name),
        )
    cr.execute(
        """
        INSERT INTO pwik_company_seal_rel (res_company_id, certificate_certificate_id)
        SELECT id, pwik_seal_certificate_id FROM res_company WHERE pwik_seal_certificate_id IS NOT NULL
            ON CONFLICT DO NOTHING
        """
    )
