from odoo import fields, models


class PwikRadioDumpWaiting(models.Model):
    """Lines out of a file that were not worked off yet: those of some overlays, in one row.

    A line of a dump stands in eight indexes; written as it came and again with its outcome it cost more than the reading.
    So it waits here and is written there once, with its outcome. What stands here is what is left to do, whoever was killed
    meanwhile.
    """

    _name = "pwik.radio.dump.waiting"
    _description = "Lines of a dump that wait"
    _order = "dump_id, bucket, id"
    _log_access = False

    dump_id = fields.Many2one("pwik.radio.dump", required=True, ondelete="cascade")
    bucket = fields.Integer("Group of overlays", required=True, aggregator=None, help="By address, 0 to 255.")
    line_count = fields.Integer("Number of lines", required=True)
    lines = fields.Text(
        "As received", required=True, help="A list in JSON, of lists as line_store.KNOWN has them."
    )

    _work = models.Index("(dump_id, bucket, id)")

    def init(self):
        # read once and deleted: to pack it would cost more than to write it
        self.env.cr.execute("ALTER TABLE pwik_radio_dump_waiting ALTER COLUMN lines SET STORAGE EXTERNAL")
