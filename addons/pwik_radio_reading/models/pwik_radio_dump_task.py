from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.garbage import without_collector
from odoo.tools import SQL

from . import line_store
from .dump_packet import DumpPacket


class PwikRadioDumpTask(models.Model):
    """A packet of a dump's overlays: one transaction, done by whoever takes it first.

    What is left to do is what the states say: a process that is killed loses its open transaction and nothing else, and
    the packet is taken again.
    """

    _name = "pwik.radio.dump.task"
    _description = "Packet of a dump"
    _order = "dump_id, id"

    dump_id = fields.Many2one("pwik.radio.dump", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="dump_id.company_id", store=True, precompute=True)
    ident_from = fields.Char("First overlay", required=True, help="By address, in the database's order.")
    ident_to = fields.Char("Last overlay", required=True)
    state = fields.Selection(
        [("pending", "Waiting"), ("done", "Done")], "Status", required=True, default="pending"
    )
    date_done = fields.Datetime("Done at")

    _open = models.Index("(dump_id, id) WHERE state = 'pending'")

    @api.model
    def _plan(self, dump, limit):
        """Cut the lines to do into packets of about ``limit`` lines, whole overlays at a time.

        The best telegram of a meter is chosen among all that were heard of it.

        :return: the number of packets
        """
        self.env["pwik.radio.dump.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """
            WITH heard AS (
                SELECT ident, count(*) AS lines FROM (
                    SELECT ident FROM pwik_radio_dump_waiting WHERE dump_id = %(dump)s
                 UNION ALL
                    SELECT ident FROM pwik_radio_dump_line
                     WHERE dump_id = %(dump)s AND state = 'new' AND ident IS NOT NULL) to_do
              GROUP BY ident),
            placed AS (
                SELECT ident, (sum(lines) OVER (ORDER BY ident) - lines)::bigint / %(limit)s AS packet FROM heard)
            INSERT INTO pwik_radio_dump_task (dump_id, company_id, ident_from, ident_to, state, create_uid, create_date)
            SELECT %(dump)s, %(company)s, min(ident), max(ident), 'pending', %(user)s, %(now)s
              FROM placed GROUP BY packet ORDER BY packet
                """,
                dump=dump.id,
                company=dump.company_id.id,
                limit=limit,
                user=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount

    @api.model
    def _claim_next(self, dump):
        """Lock the next packet of a dump; packets which others hold are passed over.

        :return: one task, locked until the end of the transaction, or an empty recordset
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM pwik_radio_dump_task WHERE dump_id = %s AND state = 'pending'"
                " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
                dump.id,
            ),
            log_exceptions=False,
        )
        return self.browse([row[0] for row in self.env.cr.fetchall()])

    def _run(self, layouts, limit):
        """Make readings of this packet's lines in the current transaction. The caller has locked it.

        :param limit: most lines at once; of an overlay with more than that (somebody's joke) the rest stays for the next run
        """
        lines, all_taken = self._take_lines(limit)
        if lines:
            with without_collector():
                DumpPacket(self.dump_id, lines, layouts).run()
        if all_taken:
            self.write({"state": "done", "date_done": fields.Datetime.now()})

    def _take_lines(self, limit):
        """:return: ``(list of Line, whether no others are left)``; whole overlays at a time"""
        self.env["pwik.radio.dump.line"].flush_model()
        lines = line_store.take(self.env.cr, self.dump_id.id, (self.ident_from, self.ident_to), limit)
        if len(lines) < limit:
            return lines, True
        cut = lines[-1].ident
        if lines[0].ident != cut:
            lines = [line for line in lines if line.ident != cut]
        return lines, False
