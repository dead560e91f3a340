"""Lines that waited one by one go to their table as lines to do; the packets that were cut by addresses are cut anew."""

from odoo.tools import sql

COLUMNS = "id, dump_id, number, raw, telegram, decoded, received, rssi, ident, manufacturer, serial, version, medium"


def migrate(cr, version):
    if sql.column_exists(cr, "pwik_radio_dump_waiting", "raw"):
        cr.execute(
            f"""
            WITH waiting AS (DELETE FROM pwik_radio_dump_waiting RETURNING {COLUMNS})
            INSERT INTO pwik_radio_dump_line (company_id, state, has_value, {COLUMNS})
            SELECT d.company_id, 'new', FALSE, {", ".join("w." + name for name in COLUMNS.split(", "))}
              FROM waiting w JOIN pwik_radio_dump d ON d.id = w.dump_id
            """
        )
    if sql.table_exists(cr, "pwik_radio_dump_task"):
        cr.execute("DELETE FROM pwik_radio_dump_task")
