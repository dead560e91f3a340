from odoo import api, fields, models

from ...tools.copying import copy_columns


class PwikMigrationKey(models.Model):
    """Which record a key of the predecessor became, and with which values: what makes importing again harmless."""

    _name = "pwik.migration.key"
    _description = "Key of the previous system"
    _order = "kind, key"
    _rec_name = "key"

    kind = fields.Char(required=True)
    key = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    res_id = fields.Integer("Record", required=True)
    parsed = fields.Json("Values as imported")
    migration_id = fields.Many2one("pwik.migration", "Import", ondelete="set null", index=True)

    _once = models.Constraint(
        "UNIQUE(kind, key, company_id)", "A record with this key of the previous system was imported already."
    )

    @api.model
    def _get_known(self, kind, company, keys):
        """What these keys became; keys whose record was deleted since are absent.

        :param kind: a Kind
        :return: ``{key: pwik.migration.key}``
        """
        found = self.search(
            [("kind", "=", kind.code), ("company_id", "=", company.id), ("key", "in", list(keys))]
        )
        alive = set(self.env[kind.model].browse(found.mapped("res_id")).exists().ids)
        return {entry.key: entry for entry in found if entry.res_id in alive}

    @api.model
    def _add(self, migration, entries):
        """Keep what keys became, those of records that were deleted since given up.

        :param entries: list of ``(key, id of the record, values as imported)``
        :raise psycopg2.IntegrityError: another import was faster with one of the keys
        """
        keys = [key for key, _record, _parsed in entries]
        kind, company = migration.kind, migration.company_id
        self.search([("kind", "=", kind), ("company_id", "=", company.id), ("key", "in", keys)]).unlink()
        now = self.env.cr.now()
        columns = {
            "kind": kind,
            "key": keys,
            "company_id": company.id,
            "res_id": [record for _key, record, _parsed in entries],
            "parsed": [parsed for _key, _record, parsed in entries],
            "migration_id": migration.id,
            "create_uid": self.env.uid,
            "create_date": now,
            "write_uid": self.env.uid,
            "write_date": now,
        }
        self.flush_model()
        copy_columns(self.env.cr, self._table, columns, len(entries))
        self.invalidate_model()
