import psycopg2
from odoo import api, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...domain.migration import Problem
from ..record_intake import create_at_once
from .pwik_migration import PACKET

# What a row can be guilty of; anything else is no row's fault and stops the import.
ROW_ERRORS = (UserError, ValueError, psycopg2.IntegrityError, psycopg2.DataError)


class PwikMigration(models.Model):
    """The real run: packets of good rows become records, each together with its key, in one transaction."""

    _inherit = "pwik.migration"

    def _work_running(self):
        rows = self.env["pwik.migration.row"].search(
            [("migration_id", "=", self.id), ("state", "=", "ok")], order="level, number", limit=PACKET
        )
        # a packet holds one level: what a row names is there before it
        rows = rows.filtered(lambda row: row.level == rows[0].level)
        if rows:
            self._store(self._drop_known(rows))
        else:
            self.state = "done"
        self.env.flush_all()
        self.env.invalidate_all()

    def _drop_known(self, rows):
        """Rows which nobody imported since the check, by another file or by the same one a second time."""
        kind = self._get_kind()
        known = self.env["pwik.migration.key"]._get_known(kind, self.company_id, rows.mapped("key"))
        for row in rows.filtered(lambda row: row.key in known):
            state, problems = self._compare(known[row.key], row.parsed)
            row.write({"state": state, "problems": problems})
        return rows.filtered(lambda row: row.state == "ok")

    def _store(self, rows):
        """All at once; when that fails, in halves, until the rows stand alone that the register refuses."""
        if not rows:
            return
        try:
            with self.env.cr.savepoint():
                self._store_rows(rows)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except ROW_ERRORS as error:
            if len(rows) > 1:
                half = len(rows) // 2
                self._store(rows[:half])
                self._store(rows[half:])
                return
            self._refuse_rows({rows.id: [Problem("refused", params={"text": self._explain(error)})]})

    def _store_rows(self, rows):
        kind = self._get_kind()
        items = [{**row.parsed, **(row.refs or {})} for row in rows]
        self._add_parents(kind, rows, items)
        records = getattr(self, f"_create_{kind.code}")(items)
        # What the table of keys refers to has to be there, and refused rows have to show now.
        self.env.flush_all()
        self.env["pwik.migration.key"]._add(
            self,
            [(row.key, record.id, row.parsed) for row, record in zip(rows, records, strict=True)],
        )
        rows._store_outcome(
            state=["done"] * len(rows), res_id=records.ids, res_model=[records._name] * len(rows)
        )

    def _create_at_once(self, model, vals_list, worked_out=()):
        """See :func:`create_at_once`."""
        return create_at_once(model, vals_list, self._get_understood(model), worked_out)

    @api.model
    def _get_understood(self, model):
        """Addons whose part in ``create`` of a model the import does itself, or knows to do nothing to what it brings.

        Later addons add themselves. An addon that nobody named makes the import create the records the usual way.
        """
        # mail follows, logs and tracks nothing in an import (see the context of a packet)
        return {"mail", "pwik_meters"}

    def _add_parents(self, kind, rows, items):
        """What rows name of their own file became records with the levels before."""
        column = next((c for c in kind.columns if c.reference == kind.code), None)
        waiting = {row.parent_key for row in rows if row.parent_key}
        if not column or not waiting:
            return
        found, _ambiguous = self._resolve(kind.code, waiting)
        for row, item in zip(rows, items, strict=True):
            if row.parent_key:
                if row.parent_key not in found:
                    raise UserError(self.env._("“%s” was not imported.", row.parent_key))
                item[column.name] = found[row.parent_key]

    def _explain(self, error):
        if isinstance(error, UserError):
            return str(error)
        if isinstance(error, psycopg2.IntegrityError):
            model = self.env[self._get_kind().model]
            for name in (model._name, "pwik.contract.point", "pwik.migration.key"):
                table_objects = self.env[name]._table_objects
                if error.diag.constraint_name in table_objects:
                    model = self.env[name]
            return model._sql_error_to_message(error)
        return f"{type(error).__name__}: {error}"[:300]
