"""A reference to a record without a foreign key: for tables that rows are copied into by the hundred thousand.

A foreign key looks each new row up by itself and locks what it points to: of a row of a dump that was two thirds of its cost.
What a foreign key promises is kept all the same. Where a record is deleted that rows point to, a trigger of the database does
what ``ondelete`` says. Whoever adds rows locks what they point to, once for all of them (:func:`lock`).
"""

from odoo import fields
from odoo.tools import SQL, sql

from .copying import to_array

FUNCTION = """
CREATE OR REPLACE FUNCTION pwik_reference_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- with its schema, whatever the session looks through
    holder regclass := to_regclass(format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0]));
    pointer text := TG_ARGV[1];
    found integer;
BEGIN
    IF holder IS NULL THEN  -- its addon was uninstalled
        RETURN NULL;
    END IF;
    CASE TG_ARGV[2]
    WHEN 'cascade' THEN
        EXECUTE format('DELETE FROM %s WHERE %I = $1', holder, pointer) USING OLD.id;
    WHEN 'set null' THEN
        EXECUTE format('UPDATE %s SET %I = NULL WHERE %I = $1', holder, pointer, pointer) USING OLD.id;
    ELSE
        EXECUTE format('SELECT 1 FROM %s WHERE %I = $1 LIMIT 1', holder, pointer) INTO found USING OLD.id;
        IF found IS NOT NULL THEN
            RAISE EXCEPTION '% % is still referenced from table %', TG_TABLE_NAME, OLD.id, TG_ARGV[0]
                USING ERRCODE = 'foreign_key_violation', TABLE = TG_ARGV[0], COLUMN = pointer, CONSTRAINT = TG_NAME;
        END IF;
    END CASE;
    RETURN NULL;
END $$
"""


class Reference(fields.Many2one):
    """A many2one that the database keeps by a trigger on what it points to; has to have an index."""

    def update_db_foreign_key(self, model, column):
        cr, table = model.env.cr, model._table
        parent = model.env[self.comodel_name]._table
        action = self.ondelete or "set null"
        for ondelete in ("cascade", "set null", "restrict"):
            for key in sql.get_foreign_keys(cr, table, self.name, parent, "id", ondelete):
                sql.drop_constraint(cr, table, key)
        trigger = SQL.identifier(f"{table}_{self.name}_reference")
        cr.execute(FUNCTION)
        cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", trigger, SQL.identifier(parent)))
        cr.execute(
            SQL(
                "CREATE TRIGGER %s AFTER DELETE ON %s FOR EACH ROW EXECUTE FUNCTION pwik_reference_deleted(%s, %s, %s)",
                trigger,
                SQL.identifier(parent),
                table,
                self.name,
                action,
            )
        )


def lock(cr, table, ids):
    """Keep rows that are about to be pointed to from being deleted, until the end of the transaction.

    :param ids: iterable of int
    :raises psycopg2.errors.SerializationFailure: one was deleted meanwhile: to be done again
    """
    wanted = to_array(set(ids))
    cr.execute(
        SQL(
            "SELECT FROM %s WHERE id = ANY(%s::int[]) ORDER BY id FOR KEY SHARE",
            SQL.identifier(table),
            wanted,
        )
    )
