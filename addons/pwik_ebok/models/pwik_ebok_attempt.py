from datetime import timedelta

import psycopg2
from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.attempts import limit_of_day, refused


class PwikEbokAttempt(models.Model):
    """Tries at what somebody could guess, counted in the database: a limit holds across workers, hosts and restarts.

    Only keyed digests of login, address and customer number are kept, for the days of ``pwik.retention``.
    """

    _name = "pwik.ebok.attempt"
    _description = "Counted attempt in eBOK"
    _log_access = False

    moment = fields.Datetime(required=True, index=True)
    key = fields.Char(required=True)

    _key_moment = models.Index("(key, moment)")

    @api.model
    def _take_of_day(self, scope, value):
        """Take one of what a login or an address may do in a day; the parameter ``pwik_ebok.limit_<scope>`` says how often.

        :param scope: a key of :data:`~odoo.addons.pwik_ebok.domain.attempts.A_DAY`
        :return: whether there was one left
        """
        setting = self.env["ir.config_parameter"].sudo().get_param(f"pwik_ebok.limit_{scope}")
        return self._take([limit_of_day(scope, str(value), setting)]) is not None

    @api.model
    def _take(self, limits):
        """Take one try, before what is tried is looked at.

        In a transaction of its own, so that a try counts even if the request fails afterwards or the process is killed.

        :param limits: list of :class:`~odoo.addons.pwik_ebok.domain.attempts.Limit`
        :return: number of tries so far by limit, this one included; None when one of the limits is reached
        """
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        keys = [limit.key(secret) for limit in limits]
        with self.env.registry.cursor() as cr:
            return self._take_with(cr, limits, keys)

    @staticmethod
    def _take_with(cr, limits, keys):
        """Count and add on a cursor that has done nothing yet: its snapshot must be younger than the lock."""
        try:
            cr.execute("SET LOCAL lock_timeout = '5s'")
            # LOCK takes no snapshot: whoever waited here sees what was committed meanwhile. An advisory lock would not do.
            cr.execute("LOCK TABLE pwik_ebok_attempt IN SHARE ROW EXCLUSIVE MODE")
        except psycopg2.errors.LockNotAvailable:
            cr.rollback()
            return None
        now = fields.Datetime.now()
        counts = []
        for limit, key in zip(limits, keys, strict=True):
            cr.execute(
                SQL(
                    "SELECT count(*) FROM pwik_ebok_attempt WHERE key = %s AND moment > %s",
                    key,
                    now - timedelta(hours=limit.hours),
                )
            )
            counts.append(cr.fetchone()[0])
        if refused(limits, counts):
            return None
        for key in keys:
            cr.execute(SQL("INSERT INTO pwik_ebok_attempt (key, moment) VALUES (%s, %s)", key, now))
        return [count + 1 for count in counts]

    @api.model
    def _give_back(self, limits):
        """A try that was right is none against these limits: who manages three hundred customers links them in a day.

        :param limits: limits of which :meth:`_take` took one a moment ago
        """
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        with self.env.registry.cursor() as cr:
            for limit in limits:
                cr.execute(
                    SQL(
                        "DELETE FROM pwik_ebok_attempt"
                        " WHERE id = (SELECT max(id) FROM pwik_ebok_attempt WHERE key = %s)",
                        limit.key(secret),
                    )
                )
