from odoo import fields, models


class PwikRadioDumpWaiting(models.Model):
    """A line out of a file that was not worked off yet.

    A line of a dump has seven foreign keys and as many indexes; written as it came and written again with its outcome it cost
    more than the reading. So it waits here, where nothing hangs on it, and is written there once. Its id is the id that the
    line will have. What stands here is what is left to do, whoever was killed meanwhile.
    """

    _name = "pwik.radio.dump.waiting"
    _description = "Line of a dump that waits"
    _order = "dump_id, number"
    _rec_name = "number"
    _log_access = False

    dump_id = fields.Many2one("pwik.radio.dump", required=True, ondelete="cascade")
    number = fields.Integer("Line", required=True, aggregator=None)
    raw = fields.Text("As received")
    telegram = fields.Text()
    decoded = fields.Json("Decoded value")
    received = fields.Datetime()
    rssi = fields.Integer("Signal [dBm]", aggregator="avg")
    ident = fields.Char("Overlay's address", required=True)
    manufacturer = fields.Char()
    serial = fields.Char("Radio ID")
    version = fields.Char()
    medium = fields.Char()

    _work = models.Index("(dump_id, ident)")
