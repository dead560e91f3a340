from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.reference import Reference

from ..domain.errors import DomainError
from ..domain.wmbus import address
from .engine_words import in_words
from .line_store import ADDRESS, BUCKET, fits, get_address

STATES = [
    ("new", "To do"),
    ("done", "Accepted"),
    ("review", "To review"),
    ("seen", "Seen"),
    ("quarantine", "Quarantine"),
    ("error", "Error"),
]
REASONS = [
    # of the line and the telegram (codes of the decoder)
    ("bad_line", "The line does not fit the format of the file"),
    ("line_too_long", "The line is too long"),
    ("bad_hex", "The telegram is not hexadecimal"),
    ("bad_length", "The length of the telegram is wrong"),
    ("truncated", "The telegram is cut off"),
    ("bad_crc", "Wrong checksum (CRC)"),
    ("no_key", "No key for this overlay"),
    ("wrong_key", "The key does not open the telegram"),
    ("bad_key", "The stored key is not usable"),
    ("in_clear", "In clear, though the overlay has a key"),
    ("unknown_encoding", "Unknown encoding"),
    ("implausible", "Implausible content"),
    ("bad_telegram", "The telegram cannot be decoded"),
    # of a file in an archive, noted where it should have begun
    ("empty_file", "A file in the archive is empty"),
    ("binary_file", "A file in the archive is binary"),
    ("unknown_format", "The format of a file in the archive is not known"),
    ("bad_archive", "The archive ends here, damaged"),
    # of the match
    ("unknown_module", "Unknown overlay"),
    ("not_assigned", "The overlay sat on no meter at that moment"),
    ("no_value", "The telegram carries no register value"),
    ("no_time", "The moment of the telegram is not known"),
    ("future", "Received in the future: the clock of the computer was wrong"),
    # of the reading
    ("not_best", "A better telegram of this meter was taken"),
    ("duplicate", "This reading is known already"),
    ("conflict", "Another value is stored for this moment (V03)"),
    ("below_last", "Below the last value (V06, V08)"),
    ("finding", "A validation rule asks for a decision"),
    ("refused", "The reading was refused"),
    ("internal", "Unexpected error, see the server's log"),
]


class PwikRadioDumpLine(models.Model):
    """One line of a dump: raw as it came, what it gave, and why not where it gave nothing."""

    _name = "pwik.radio.dump.line"
    _description = "Line of a dump"
    _order = (
        "dump_id.id desc, number"  # of `dump_id desc` the order of dumps would be turned round: oldest first
    )
    _log_access = False  # the dump says who brought it and when
    _rec_name = "number"

    dump_id = Reference("pwik.radio.dump", required=True, ondelete="cascade")
    company_id = Reference(related="dump_id.company_id", store=True, precompute=True)
    number = fields.Integer("Line", required=True, aggregator=None)
    raw = fields.Text("As received", readonly=True)
    telegram = fields.Text(readonly=True, help="The telegram out of the line, hexadecimal.")
    decoded = fields.Json("Decoded value", readonly=True, help="What an export gave instead of a telegram.")
    received = fields.Datetime(readonly=True)
    rssi = fields.Integer("Signal [dBm]", readonly=True, aggregator="avg")
    ident = fields.Char(
        "Overlay's address", readonly=True, help="Manufacturer, ID, version and medium as sent."
    )
    manufacturer = fields.Char(readonly=True)
    serial = fields.Char("Radio ID", readonly=True)
    version = fields.Char(readonly=True)
    medium = fields.Char(readonly=True)
    driver = fields.Char("Decoder", readonly=True)
    module_id = Reference(
        "pwik.radio.module", "Overlay", readonly=True, index="btree_not_null", ondelete="set null"
    )
    meter_id = Reference("pwik.meter", readonly=True, index="btree_not_null", ondelete="restrict")
    reading_id = Reference("pwik.reading", readonly=True, index="btree_not_null", ondelete="restrict")
    reading_state = fields.Selection(related="reading_id.state", string="Status of the reading")
    filled_reading_ids = fields.One2many(
        "pwik.reading",
        "filled_from_line_id",
        "Missed months",
        readonly=True,
        help="Readings of months that had none, from the month-end values which the overlay keeps.",
    )
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="new")
    reason = fields.Selection(REASONS, readonly=True)
    detail = fields.Char("Detail, as the decoder says it", readonly=True)
    detail_text = fields.Char("Detail", compute="_compute_detail_text")
    value = fields.Float("Value [m³]", digits=(16, 3), readonly=True, aggregator=None)
    has_value = fields.Boolean("Has a value", readonly=True)
    value_moment = fields.Datetime("Value of", readonly=True)
    is_time_told = fields.Boolean(
        "Time as told",
        compute="_compute_is_time_told",
        help="Neither the file nor the overlay gave a time: it is the one that was told when the file was imported.",
    )
    alarms = fields.Char("Alarm codes", readonly=True)
    alarm_text = fields.Char("Alarms", compute="_compute_alarm_text")

    _number_unique = models.Constraint("UNIQUE(dump_id, number)", "A dump has each line once.")
    _states = models.Index("(dump_id, state)")
    _work = models.Index(f"(dump_id, ({BUCKET})) WHERE state = 'new'")
    _unsolved = models.Index("(company_id, ident) WHERE state IN ('quarantine', 'error')")

    @api.depends("dump_id.name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(dump)s, line %(number)s", dump=line.dump_id.name, number=line.number
            )

    @api.depends("alarms")
    @api.depends_context("lang")
    def _compute_alarm_text(self):
        words = dict(self.env["pwik.radio.alarm"]._fields["kind"]._description_selection(self.env))
        for line in self:
            line.alarm_text = ", ".join(words.get(code, code) for code in (line.alarms or "").split())

    @api.depends("received", "value_moment", "dump_id.recorded_at")
    def _compute_is_time_told(self):
        for line in self:
            told = line.dump_id.recorded_at
            line.is_time_told = bool(told and not line.received and line.value_moment == told)

    @api.depends("detail", "reason", "serial")
    @api.depends_context("lang")
    def _compute_detail_text(self):
        rivals = self._get_rivals()
        for line in self:
            line.detail_text = in_words(self.env, line.detail)
            if line in rivals:
                line.detail_text = self.env._(
                    "several overlays have this number: %s", ", ".join(rivals[line].mapped("display_name"))
                )

    def _get_rivals(self):
        """Of an export that does not tell all of an address: the overlays that a telegram may be of, where there are several.

        :return: ``{line: pwik.radio.module}``
        """
        asked = self.filtered(lambda line: line.serial and line.reason == "unknown_module")
        found = {}
        for company, lines in asked.grouped("company_id").items():
            modules = self.env["pwik.radio.module"].with_company(company)
            found.update(modules._get_fitting(lines))
        return {line: modules for line, modules in found.items() if len(modules) > 1}

    def _tell_overlay(self, module):
        """Say of telegrams which do not tell all of their address whose they are, for the import to match them by.

        The caller proved that the user may assign overlays.

        Only what an export left open is filled in: what came stands in ``raw``.
        """
        told = self.filtered(
            lambda line: (
                line.decoded
                and (line.serial, line.company_id) == (module.serial, module.company_id)
                and fits(line, module)
            )
        )
        for known, lines in told.grouped(lambda line: tuple(line[name] for name in ADDRESS[1:])).items():
            address = {
                name: part or module[name] or None for name, part in zip(ADDRESS[1:], known, strict=True)
            }
            # sudo: lines are written by the import only, never by hand
            lines.sudo().write({**address, "ident": " ".join(part or "?" for part in address.values())})

    @api.model
    def _prepare_sender(self, telegram):
        """Whose telegram it is, or the outcome of one that does not even say that.

        :param bytes telegram: from the L field on
        """
        try:
            return dict(zip(ADDRESS, get_address(address(telegram)), strict=True))
        except DomainError as error:
            return {"state": "error", "reason": error.code, "detail": error.message[:200]}

    def action_run_again(self):
        """Give lines without a reading, or whose reading was rejected, another run.

        After an overlay, a key or an assignment was added or changed. A rejected reading stays what it is: the same value of
        the same meter and moment does not come again, but the next best of that meter's other telegrams in the dump.
        """
        self.env["pwik.radio.dump"]._check_may_import()
        self.check_access("read")
        # sudo: lines are written by the import only, never by hand
        lines = self.sudo().filtered(
            lambda line: (
                (line.telegram or line.decoded)
                and (
                    line.reading_id.state == "rejected"
                    if line.reading_id
                    else line.state in ("quarantine", "error", "review")
                )
            )
        )
        lines |= lines.filtered("reading_id")._get_passed_over()
        lines.write({"state": "new", "reason": False, "detail": False, "reading_id": False})
        for line in lines.filtered(lambda line: not line.ident):
            line.write(self._prepare_sender(bytes.fromhex(line.telegram)))
        # oldest first: of an alarm the newest telegram has the last word
        dumps = lines.dump_id.sorted("id")
        dumps._reopen()
        dumps._import_now()
        return True

    def _get_passed_over(self):
        """Telegrams of the same meters in the same dumps that were kept as seen beside these: one of them may do instead."""
        if not self:
            return self
        pairs = {(line.dump_id.id, line.meter_id.id) for line in self}
        return self.search(
            [
                *(("dump_id", "in", self.dump_id.ids), ("meter_id", "in", self.meter_id.ids)),
                *(("state", "=", "seen"), ("reason", "=", "not_best"), ("reading_id", "=", False)),
            ]
        ).filtered(lambda line: (line.dump_id.id, line.meter_id.id) in pairs)

    def action_view_reading(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.reading",
            "res_id": self.reading_id.id,
            "view_mode": "form",
            "name": self.reading_id.display_name,
        }
