from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.garbage import without_collector
from odoo.tools import SQL

from . import line_store
from .dump_packet import DumpPacket
from .pwik_radio_dump import PROCESSING

# Packets that even a small dump is cut into, and lines below which one is not cut any further
SHARES, LEAST_LINES = 4, 250
WORKERS = len(PROCESSING)


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
    bucket_from = fields.Integer("First group of overlays", required=True, aggregator=None)
    bucket_to = fields.Integer("Last group of overlays", required=True, aggregator=None)
    state = fields.Selection(
        [("pending", "Waiting"), ("done", "Done")], "Status", required=True, default="pending"
    )
    date_done = fields.Datetime("Done at")

    _open = models.Index("(dump_id, id) WHERE state = 'pending'")

    @api.model
    def _plan(self, dump, limit):
        """Cut the lines to do into packets of at most about ``limit`` lines, whole overlays at a time.

        The best telegram of a meter is chosen among all that were heard of it.

        :return: the number of packets
        """
        self.env["pwik.radio.dump.line"].flush_model()
        counts = line_store.count(self.env.cr, dump.id)
        total, before, packets = sum(counts.values()), 0, {}
        size = self._get_packet_size(total, limit)
        for bucket, lines in counts.items():
            packets.setdefault(before // size, []).append(bucket)
            before += lines
        self.create([{"dump_id": dump.id, "bucket_from": p[0], "bucket_to": p[-1]} for p in packets.values()])
        return len(packets)

    @api.model
    def _get_packet_size(self, lines, limit):
        """Lines of each packet, as even as can be: an odd one at the end is work for one process while the others wait."""
        packets = max(-(-lines // limit), min(SHARES, lines // LEAST_LINES), 1)
        if packets > 1:
            packets += packets % WORKERS
        return max(-(-lines // packets), 1)

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
        self.env["pwik.radio.dump.line"].flush_model()
        buckets = (self.bucket_from, self.bucket_to)
        lines, all_taken = line_store.take(self.env.cr, self.dump_id.id, buckets, limit)
        if lines:
            with without_collector():
                DumpPacket(self.dump_id, lines, layouts).run()
        if all_taken:
            self.write({"state": "done", "date_done": fields.Datetime.now()})
