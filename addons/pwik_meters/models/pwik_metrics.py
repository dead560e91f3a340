from odoo import api, fields, models


class PwikMetrics(models.AbstractModel):
    """What an administrator watches, as numbers. Each addon adds its own."""

    _name = "pwik.metrics"
    _description = "Figures for monitoring"

    @api.model
    def _get_metrics(self):
        """The figures of this moment.

        :return: ``{name: (help, label or None, {label's value or None: number})}``; names as Prometheus wants them, with the
            unit at the end, texts in English
        """
        return {
            **self._get_cron_metrics(),
            "pwik_mails": ("E-mails by state of sending", "state", self._count_by("mail.mail", "state")),
            "pwik_readings": ("Readings by state", "state", self._count_by("pwik.reading", "state")),
            "pwik_migrations": (
                "Imports of a predecessor's data by state",
                "state",
                self._count_by("pwik.migration", "state"),
            ),
            "pwik_work_orders": ("Work orders by state", "state", self._count_by("pwik.work.order", "state")),
        }

    @api.model
    def _get_cron_metrics(self):
        now = fields.Datetime.now()
        crons = (
            self.env["ir.cron"].with_context(active_test=False, lang="en_US").search([("id", "!=", False)])
        )
        active = crons.filtered("active")
        return {
            "pwik_cron_late_seconds": (
                "How long a scheduled action has been due",
                "cron",
                self._by_name(active, lambda cron: max(0.0, (now - cron.nextcall).total_seconds())),
            ),
            "pwik_cron_failures": (
                "Failures of a scheduled action in a row; at five, the first a week old, Odoo switches it off",
                "cron",
                self._by_name(crons, lambda cron: cron.failure_count),
            ),
            "pwik_cron_active": (
                "Whether a scheduled action is on",
                "cron",
                self._by_name(crons, lambda cron: float(cron.active)),
            ),
        }

    @api.model
    def _by_name(self, crons, measure):
        """Two actions of one name (copies that share work) are told apart by their ids."""
        names = crons.mapped("cron_name")
        return {
            cron.cron_name if names.count(cron.cron_name) == 1 else f"{cron.cron_name} #{cron.id}": measure(
                cron
            )
            for cron in crons
        }

    @api.model
    def _count_by(self, model, field, domain=()):
        """Records by a selection field, those values that no record has included: a series must not end at zero."""
        counts = dict.fromkeys(self.env[model]._fields[field].get_values(self.env), 0)
        groups = (
            self.env[model].with_context(active_test=False)._read_group(list(domain), [field], ["__count"])
        )
        return {**counts, **{value: count for value, count in groups if value}}
