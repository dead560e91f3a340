"""Settlements learn the tax and the rate that their posted invoices bear: their corrections take these again."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE pwik_settlement s SET tax_id = t.tax_id
          FROM (SELECT l.move_id, min(r.account_tax_id) AS tax_id
                  FROM account_move_line l
                  JOIN account_move_line_account_tax_rel r ON r.account_move_line_id = l.id
                  JOIN pwik_settlement o ON o.move_id = l.move_id
                 GROUP BY l.move_id
                HAVING count(DISTINCT r.account_tax_id) = 1) t
         WHERE t.move_id = s.move_id AND s.tax_id IS NULL
        """
    )
    cr.execute(
        """
        UPDATE pwik_settlement s
           SET document = s.document || jsonb_build_object('vat_rate', round(t.amount::numeric, 2)::text)
          FROM account_tax t
         WHERE t.id = s.tax_id AND NOT s.document ? 'vat_rate'
        """
    )
