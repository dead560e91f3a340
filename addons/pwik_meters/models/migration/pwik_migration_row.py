from odoo import api, fields, models

from ...domain.migration import Problem
from ...tools.copying import copy_columns, update_columns
from .messages import get_message

# What the check and the import find out about rows, with the types of the columns.
OUTCOME = {
    "state": "varchar",
    "key": "varchar",
    "natural": "varchar",
    "parent_key": "varchar",
    "level": "int",
    "parsed": "jsonb",
    "refs": "jsonb",
    "problems": "jsonb",
    "res_id": "int",
    "res_model": "varchar",
}


class PwikMigrationRow(models.Model):
    """A row of an imported file: what stood there, what was wrong with it, what became of it."""

    _name = "pwik.migration.row"
    _description = "Row of an import"
    _order = "migration_id, number"
    _rec_name = "key"

    migration_id = fields.Many2one("pwik.migration", "Import", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="migration_id.company_id", store=True, precompute=True)
    number = fields.Integer(
        "Row", required=True, aggregator=None, help="Number of the row in the file, the header is row 1."
    )
    key = fields.Char(help="Identifier in the previous system.")
    natural = fields.Char(help="What may occur once besides the key, e.g. serial number and manufacturer.")
    parent_key = fields.Char(help="Key of the row of the same file which has to go first.")
    level = fields.Integer(default=0, aggregator=None)
    state = fields.Selection(
        [
            ("new", "Not checked yet"),
            ("ok", "Good"),
            ("bad", "Refused"),
            ("known", "Already imported"),
            ("different", "Differs from what was imported"),
            ("done", "Imported"),
        ],
        "Status",
        required=True,
        default="new",
    )
    cells = fields.Json(help="The texts of the file.")
    parsed = fields.Json(help="Values by column.")
    refs = fields.Json(help="Records that the row names, by column.")
    problems = fields.Json()
    reason = fields.Char(compute="_compute_reason")
    content = fields.Char("Content", compute="_compute_content")
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    res_model = fields.Char(readonly=True)

    _work = models.Index("(migration_id, state, level, number)")
    _keys = models.Index("(migration_id, key)")

    @api.model
    def _prepare_line(self, migration, line, names):
        """Values of a row from a Line of the file.

        :param names: the kind's column for each place, None where it is not ours
        """
        problems = []
        for place, problem in line.problems:
            name = names[place] if 0 <= place < len(names) else None
            if place == -1 or name:
                problems.append(Problem(problem.code, name, problem.params).pack())
        if any(line.cells[len(names) :]):
            problems.append(Problem("extra_cells", params={"count": len(names)}).pack())
        return {
            "migration_id": migration.id,
            "number": line.number,
            "cells": list(line.cells[: len(names)]),
            "problems": problems,
        }

    @api.model
    def _add(self, vals_list):
        """Rows of a file, thousands at once: nobody follows them, and nothing that is stored depends on them.

        :param vals_list: as of :meth:`_prepare_line`, all of one import
        """
        if not vals_list:
            return
        migration = self.env["pwik.migration"].browse(vals_list[0]["migration_id"])
        now = self.env.cr.now()
        columns = {name: [vals[name] for vals in vals_list] for name in ("number", "cells", "problems")}
        columns |= {"migration_id": migration.id, "company_id": migration.company_id.id}
        columns |= {"state": "new", "level": 0, "create_uid": self.env.uid, "create_date": now}
        columns |= {"write_uid": self.env.uid, "write_date": now}
        copy_columns(self.env.cr, self._table, columns, len(vals_list))
        self.invalidate_model()

    def _store_outcome(self, **columns):
        """What became of these rows.

        :param columns: of ``OUTCOME``, each a list of values in the order of the rows (None: nothing)
        """
        update_columns(self.env.cr, self._table, OUTCOME, self.ids, columns)
        self.invalidate_recordset(list(columns))

    @api.depends("problems")
    @api.depends_context("lang")
    def _compute_reason(self):
        for row in self:
            row.reason = " ".join(get_message(row, problem) for problem in row.problems or ())

    @api.depends("cells")
    def _compute_content(self):
        for row in self:
            row.content = " · ".join(cell for cell in row.cells or () if cell)

    def action_open_record(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
