from odoo import api, fields, models


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
