"""Corrections of estimates that a later period's readings settled belong to that period, and its readings stand once."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE pwik_settlement c SET settles_id = s.id
          FROM pwik_settlement_measure x, pwik_settlement s
         WHERE c.kind = 'correction' AND x.settlement_id = c.id AND x.date_to > c.period_to
           AND s.contract_id = c.contract_id AND s.kind <> 'correction' AND s.id <> c.corrects_id
           AND x.date_to BETWEEN s.period_from AND s.period_to
        """
    )
    cr.execute(
        """
        UPDATE pwik_settlement_measure x SET current = FALSE
          FROM pwik_settlement d
         WHERE d.id = x.settlement_id AND d.settles_id IS NOT NULL AND x.current
           AND EXISTS (SELECT 1 FROM pwik_settlement_measure y JOIN pwik_settlement e ON e.id = y.settlement_id
                        WHERE e.settles_id = d.settles_id AND y.current AND y.installation_id = x.installation_id
                          AND y.date_to = x.date_to AND y.id > x.id)
        """
    )
