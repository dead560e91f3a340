"""The one number of persons that a contract had becomes the first row of its history."""


def migrate(cr, version):
    cr.execute(
        """
        INSERT INTO pwik_lump_persons (contract_id, company_id, date_from, persons, norm_id, create_date, write_date)
        SELECT id, company_id, COALESCE(date_start, CURRENT_DATE), lump_persons, lump_norm_id, now(), now()
          FROM pwik_contract c
         WHERE lump_norm_id IS NOT NULL AND lump_persons IS NOT NULL
           AND NOT EXISTS (SELECT FROM pwik_lump_persons p WHERE p.contract_id = c.id)
        """
    )
    cr.execute("ALTER TABLE pwik_contract DROP COLUMN lump_persons, DROP COLUMN lump_norm_id")
