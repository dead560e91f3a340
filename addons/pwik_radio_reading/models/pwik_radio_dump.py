import base64
import binascii
import hashlib
import logging

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import SQL

from ..domain import formats
from ..domain.errors import DomainError
from ..domain.unpack import open_members
from .engine_words import in_words

_logger = logging.getLogger(__name__)

READER_GROUP = "pwik_meters.pwik_meters_group_reader"
OFFICE_GROUP = "pwik_meters.pwik_meters_group_user"
STATES = [("new", "New"), ("in_progress", "In progress"), ("done", "Done"), ("error", "Error")]
FILE_ERRORS = [
    ("empty_file", "The file is empty."),
    ("binary_file", "The file is binary and no dump of telegrams."),
    ("unknown_format", "The format of the file is not known."),
    ("bad_archive", "The archive is damaged, cut off or encrypted."),
    ("archive_limit", "The archive unpacks to more than is allowed."),
    ("bad_file", "The file cannot be read."),
    ("bad_profile", "The mapping profile does not fit the file."),
    ("no_lines", "There is no telegram in the file."),
    ("server_key", "The server has no usable key of its own to open the overlays' keys with."),
    ("too_heavy", "The file takes more time or memory to be read than the server allows."),
    ("internal", "The import met an unexpected error; the administrator finds it in the server's log."),
]
# Errors of an attempt and not of the file: another attempt begins without them.
OF_AN_ATTEMPT = ("internal", "server_key", "too_heavy")
# Identical scheduled actions: each takes packets of its own.
PROCESSING = ("pwik_radio_reading.ir_cron_process_dumps", "pwik_radio_reading.ir_cron_process_dumps_2")
# Above this size the wizard leaves the work to the scheduled action instead of letting the browser wait.
DIRECT_SIZE = 512 * 1024


class PwikRadioDump(models.Model):
    """A file of telegrams: from a collector, another receiver or a vendor's export. Known by the digest of its content."""

    _name = "pwik.radio.dump"
    _description = "Dump of radio telegrams"
    _order = "id desc"

    name = fields.Char("File name", required=True, readonly=True)
    sha256 = fields.Char(
        "SHA-256", required=True, readonly=True, copy=False, help="Digest of the unpacked content."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    attachment_id = fields.Many2one("ir.attachment", "File", readonly=True, copy=False, ondelete="restrict")
    size = fields.Integer("Size [B]", readonly=True)
    source = fields.Selection(
        [("wizard", "Wizard"), ("drop", "Drop folder"), ("upload", "Upload")],
        required=True,
        readonly=True,
        default="wizard",
    )
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, default="new", index=True, copy=False
    )
    format_code = fields.Char("Code of the format", readonly=True, copy=False)
    format_name = fields.Char("Format", compute="_compute_format_name")
    profile_id = fields.Many2one(
        "pwik.dump.profile", "Mapping profile", readonly=True, copy=False, ondelete="restrict"
    )
    error = fields.Selection(FILE_ERRORS, "Error of the file", readonly=True, copy=False)
    error_detail = fields.Char("Detail, as the engine says it", readonly=True, copy=False)
    error_detail_text = fields.Char("Detail", compute="_compute_message")
    message = fields.Char(compute="_compute_message")
    lines_read = fields.Integer("Lines read", readonly=True, copy=False)
    all_read = fields.Boolean("Read to the end", readonly=True, copy=False)
    read_attempts = fields.Integer(
        "Attempts to read on",
        readonly=True,
        copy=False,
        help="Begun by a scheduled action since lines of the file were last kept; each has ended with its process.",
    )
    date_done = fields.Datetime("Finished", readonly=True, copy=False)
    dropped_as = fields.Char(
        "Dropped as",
        readonly=True,
        copy=False,
        help="Name in the drop folder until the file was moved out of it.",
    )
    line_ids = fields.One2many("pwik.radio.dump.line", "dump_id", "Lines")
    trouble_line_ids = fields.One2many(
        "pwik.radio.dump.line",
        "dump_id",
        "Lines that need somebody",
        domain=[("state", "in", ("review", "quarantine", "error"))],
    )
    line_count = fields.Integer("Number of lines", compute="_compute_counts")
    new_count = fields.Integer("To do", compute="_compute_counts")
    done_count = fields.Integer("Readings", compute="_compute_counts")
    review_count = fields.Integer("To review", compute="_compute_counts")
    seen_count = fields.Integer("Seen", compute="_compute_counts")
    quarantine_count = fields.Integer("Quarantine", compute="_compute_counts")
    error_count = fields.Integer("Errors", compute="_compute_counts")
    progress = fields.Integer("Progress [%]", compute="_compute_counts")
    can_read_again = fields.Boolean("May be read again", compute="_compute_can_read_again")

    _sha256_unique = models.Constraint("UNIQUE(sha256, company_id)", "This file was imported already.")

    @api.depends("format_code")
    @api.depends_context("lang")
    def _compute_format_name(self):
        for dump in self:
            dump.format_name = self._get_format_name(dump.format_code)

    @api.model
    def _get_format_name(self, code):
        """How people call a format; one that was added since goes by its code."""
        names = {
            "collector": self.env._("Collector's dump"),
            "elvaco_2001": "Elvaco 2001",
            "elvaco_cmex50": "Elvaco CMeX50",
            "rtl_wmbus": "rtl-wmbus",
            "wmbusmeters_json": "wmbusmeters (JSON)",
            "wmbusmeters_log": self.env._("wmbusmeters (log)"),
        }
        return names.get(code, code)

    @api.depends("state", "line_ids.state")
    def _compute_counts(self):
        counts = {
            dump.id: {"new": count}
            for dump, count in self.env["pwik.radio.dump.waiting"]
            .sudo()  # the number only, of dumps which the user may see
            ._read_group([("dump_id", "in", self.ids)], ["dump_id"], ["line_count:sum"])
        }
        for dump, state, count in self.env["pwik.radio.dump.line"]._read_group(
            [("dump_id", "in", self.ids)],
            ["dump_id", "state"],
            ["__count"],
        ):
            by_state = counts.setdefault(dump.id, {})
            by_state[state] = by_state.get(state, 0) + count
        for dump in self:
            by_state = counts.get(dump.id, {})
            dump.line_count = sum(by_state.values())
            for state in ("new", "done", "review", "seen", "quarantine", "error"):
                dump[f"{state}_count"] = by_state.get(state, 0)
            if dump.state in ("done", "error"):
                dump.progress = 100
            else:
                # reading the file counts as a tenth of the work: the number of lines is not known before
                ready = dump.line_count - dump.new_count
                dump.progress = 10 + 90 * ready // dump.line_count if dump.all_read and dump.line_count else 0

    @api.depends("state", "profile_id", "line_ids.reading_id", "line_ids.state")
    def _compute_can_read_again(self):
        """A vendor's file whose profile was wrong: as long as it gave no reading, it can be read anew."""
        for dump in self:
            dump.can_read_again = bool(
                dump.state == "done"
                and dump.profile_id
                and dump.error_count + dump.quarantine_count
                and not dump._has_readings()
            )

    def _has_readings(self):
        return bool(
            self.env["pwik.radio.dump.line"].search_count(
                [
                    ("dump_id", "in", self.ids),
                    *("|", ("reading_id", "!=", False), ("filled_reading_ids", "!=", False)),
                ],
                limit=1,
            )
        )

    @api.depends("state", "error", "error_detail", "line_ids.state")
    @api.depends_context("lang")
    def _compute_message(self):
        errors = dict(self._fields["error"]._description_selection(self.env))
        for dump in self:
            dump.error_detail_text = in_words(self.env, dump.error_detail)
            parts = [errors[dump.error]] if dump.error else []
            if dump.line_count:
                parts.append(
                    self.env._(
                        "%(lines)s lines: %(done)s readings accepted, %(review)s to review, %(seen)s kept as seen,"
                        " %(quarantine)s in quarantine, %(error)s with an error.",
                        lines=dump.line_count,
                        done=dump.done_count,
                        review=dump.review_count,
                        seen=dump.seen_count,
                        quarantine=dump.quarantine_count,
                        error=dump.error_count,
                    )
                )
            dump.message = " ".join(parts)

    @api.model
    def _check_may_import(self):
        if not self.env.user.has_group(READER_GROUP):
            raise AccessError(self.env._("Only meter readers and the office import dumps."))

    @api.model
    def _get_parameter(self, name):
        return int(self.env["ir.config_parameter"].sudo().get_param(f"pwik_radio_reading.{name}"))

    @api.model
    def _get_max_size(self):
        """Largest file that is taken, in bytes."""
        return self._get_parameter("max_file_mb") * 1024 * 1024

    @api.model
    def upload(self, filename, content):
        """Take in a dump from a collector; callable by Odoo's API with a key (JSON-2 or RPC, named arguments).

        The file is processed in the background. The same content sent again gives the same record.

        :param str filename: name to show; folders in it are dropped
        :param str content: the file, base64
        :return: ``{"id": int, "state": str, "duplicate": bool}``
        :raises AccessError: the user is no meter reader
        :raises UserError: a name that is no text, content that is not base64, empty, or larger than allowed
        """
        self._check_may_import()
        if filename and not isinstance(filename, str):
            raise UserError(self.env._("The name of the file is not a text."))
        data = self._decode_content(content)
        dump, duplicate = self._take_in(data, filename, "upload")
        if not duplicate:
            self._trigger_processing()
        return {"id": dump.id, "state": dump.state, "duplicate": duplicate}

    @api.model
    def _decode_content(self, content):
        try:
            data = base64.b64decode(content or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise UserError(self.env._("The content of the file is not base64.")) from None
        if not data:
            raise UserError(self.env._("The file is empty."))
        limit = self._get_max_size()
        if len(data) > limit:
            raise UserError(self.env._("The file is larger than %s MB.", limit // 1024 // 1024))
        return data

    @api.model
    def _take_in(self, data, filename, source, **values):
        """Keep a file as a dump unless its content is known already. The caller proved that the user may.

        A file of no known format is read with the mapping profile that its name calls for, unless one is given.

        :param bytes data: the file
        :return: ``(dump, duplicate)``; the dump with superuser rights
        :raises ConcurrencyError: another transaction takes in the same content at this moment; to be repeated
        """
        # sudo: dumps are made by this method only, so that nobody writes counts, states or digests by hand
        dumps = self.sudo()
        digest = self._get_digest(data)
        known = dumps.search([("sha256", "=", digest), ("company_id", "=", self.env.company.id)])
        if known:
            return known, True
        name = self._prepare_name(filename)
        code = self._get_format(data)
        if not code and "profile_id" not in values:
            values["profile_id"] = self.env["pwik.dump.profile"]._find_for(name).id
        try:
            with self.env.cr.savepoint():
                dump = dumps.create(
                    {
                        "name": name,
                        "sha256": digest,
                        "size": len(data),
                        "source": source,
                        "format_code": code,
                        **values,
                    }
                )
        except psycopg2.errors.UniqueViolation:
            # Another transaction took it in meanwhile, and this one's snapshot will never show it. Odoo repeats requests
            # after this error, and the scheduled actions repeat themselves: the second time the file is known.
            raise ConcurrencyError(f"dump {digest} was taken in meanwhile") from None
        # A type that no browser shows, whatever the file holds (Odoo would guess again from octet-stream)
        dump.attachment_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": name,
                    "raw": data,
                    "mimetype": "application/x-pwik-dump",
                    "res_model": self._name,
                    "res_id": dump.id,
                }
            )
        )
        return dump, False

    @api.model
    def _get_digest(self, data):
        """Digest of the unpacked content, so that a file that was packed again is known all the same."""
        digests = []
        try:
            for member in open_members(data):
                digest = hashlib.sha256()
                while chunk := member.stream.read(1 << 16):
                    digest.update(chunk)
                digests.append(digest.hexdigest())
        except DomainError as error:
            pass_on(error)
            # empty, damaged or a bomb: known by its own bytes, and refused when it is read
            return hashlib.sha256(data).hexdigest()
        if len(digests) == 1:
            return digests[0]
        return hashlib.sha256("".join(digests).encode()).hexdigest()

    @api.model
    def _get_format(self, data):
        """Code of the format of a file, False when nothing fits (what is wrong comes out when it is read)."""
        try:
            member = next(open_members(data), None)
            return formats.identify(member.stream.head) if member else False
        except DomainError as error:
            pass_on(error)
            return False

    @api.model
    def _prepare_name(self, filename):
        """A name to show: the last part of what was given, without characters that cannot be stored or seen."""
        name = (filename if isinstance(filename, str) else "").replace("\\", "/").rsplit("/", 1)[-1]
        name = "".join(char for char in name if char.isprintable()).encode("utf-8", "replace").decode("utf-8")
        return name.strip()[-200:] or self.env._("Dump")

    @api.model
    def _trigger_processing(self):
        for name in PROCESSING:
            cron = self.env.ref(name, raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger()

    def _import_now(self):
        """Process small dumps at once, leave the others to the scheduled action."""
        small = self.filtered(lambda dump: dump.size <= DIRECT_SIZE)
        small._process()
        if small != self:
            self._trigger_processing()

    def action_process(self):
        """Go on with dumps, or try those again whose file could not be read (a format was added since)."""
        self._check_may_import()
        self.check_access("read")
        # sudo: readers start the work but write no dump themselves
        dumps = self.sudo()
        for dump in dumps.filtered(lambda dump: dump.state == "error"):
            if dump._is_cut():
                dump.state = "in_progress"
                continue
            dump.write(
                {
                    **{"state": "new", "error": False, "error_detail": False},
                    **{"all_read": False, "read_attempts": 0},
                }
            )
            if not dump.format_code and not dump.profile_id:
                dump.profile_id = self.env["pwik.dump.profile"]._find_for(dump.name)
        dumps._import_now()

    def _is_cut(self):
        """Whether a line says where the file ends, damaged: it was counted as read and would not come again."""
        self.ensure_one()
        place = [("dump_id", "=", self.id), ("state", "=", "error"), ("reason", "=", self.error)]
        return bool(
            self.all_read
            and self.error
            and self.error not in OF_AN_ATTEMPT
            and self.env["pwik.radio.dump.line"].search_count(place, limit=1)
        )

    def _reopen(self):
        """Lines of these dumps are to be done again. What is wrong with a file stays and is told again when they are done."""
        self.filtered(lambda dump: dump.error in OF_AN_ATTEMPT).write({"error": False, "error_detail": False})
        self.filtered(lambda dump: dump.state in ("done", "error")).state = "in_progress"

    def action_read_again(self):
        """Throw the lines of dumps away that gave no reading, and read their files with the profiles as they are now.

        :raises AccessError: the user is not of the office
        :raises UserError: a dump gave readings, or has no mapping profile
        """
        if not self.env.user.has_group(OFFICE_GROUP):
            raise AccessError(self.env._("Only the office has a file read again: its lines are thrown away."))
        self.check_access("read")
        # sudo: as for action_process
        for dump in self.sudo():
            dump.lock_for_update()  # nobody makes readings of its lines meanwhile
            if not dump.can_read_again:
                raise UserError(
                    self.env._("Only a file with a mapping profile that gave no reading is read again.")
                )
            count = dump._throw_lines_away()
            dump.write({"state": "new", "lines_read": 0, "all_read": False, "date_done": False})
            _logger.info(
                "Dump %s (%s): read again by %s (%s), who threw %s lines away",
                dump.id,
                dump.sha256,
                self.env.user.login,
                self.env.uid,
                count,
            )
        self.sudo()._import_now()

    def _throw_lines_away(self):
        """Delete the lines of a dump, all in one statement: of a month they are hundreds of thousands.

        Nothing follows the deletion of a line but that no reading may point to it, which the statement sees to itself.

        :return: their number
        """
        self.ensure_one()
        lines, readings = self.env["pwik.radio.dump.line"], self.env["pwik.reading"]
        lines.flush_model()
        readings.flush_model(["filled_from_line_id"])
        self.env.cr.execute(
            SQL(
                """
            DELETE FROM pwik_radio_dump_line l
             WHERE l.dump_id = %s AND l.reading_id IS NULL
               AND NOT EXISTS (SELECT 1 FROM pwik_reading r WHERE r.filled_from_line_id = l.id)
                """,
                self.id,
            )
        )
        count = self.env.cr.rowcount
        self.env["pwik.radio.dump.task"].search([("dump_id", "=", self.id)]).unlink()
        lines.invalidate_model()
        self.invalidate_recordset()
        return count

    def action_view_lines(self):
        """The lines of this dump; the context may name a state to filter by."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("pwik_radio_reading.pwik_radio_dump_line_action")
        state = self.env.context.get("line_state")
        action["domain"] = [("dump_id", "=", self.id)] + ([("state", "=", state)] if state else [])
        action["context"] = {}
        action["display_name"] = self.name
        return action

    def action_download(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "new",
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_only_without_readings(self):
        if self.line_ids.reading_id or self.line_ids.filled_reading_ids:
            raise UserError(self.env._("A dump that gave readings is kept."))
