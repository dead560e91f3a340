import contextlib
import io
import json
import logging
import random
import time
from datetime import UTC
from zoneinfo import ZoneInfo

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.garbage import without_collector
from odoo.addons.pwik_meters.tools.packets import StoreOutage, pass_on
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from ..domain import formats
from ..domain.errors import DomainError, DumpError
from ..domain.wmbus import Layouts, address
from ..tools import decoded_value
from ..tools.keyring import ServerKeyError
from ..tools.stored_file import StoredFile
from . import line_store
from .line_store import ADDRESS, get_address
from .pwik_radio_dump import FILE_ERRORS

_logger = logging.getLogger(__name__)

# What PostgreSQL answers when two transactions met; the work is right and is done again on a fresh snapshot.
RETRYABLE = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    ConcurrencyError,
)
# Another process made what this one was about to make; its snapshot does not show it yet.
OVERTAKEN = (psycopg2.errors.UniqueViolation,)
ATTEMPTS = 5
# Processes that may end, one after another, while they read the same piece of a file.
MOST_DEATHS = 5
BUSY_PAUSE = 0.1  # seconds; who looks whether a dump is finished holds it for a moment
NOBODY = (None,) * len(ADDRESS)
MORE, FINISHED, BUSY = "more", "finished", "busy"


class DumpSource:
    """Lines of a dump's file from where the record stands; after a rolled-back packet it begins again there."""

    def __init__(self, dump):
        self.dump = dump
        self.layouts = Layouts()
        # formats without a zone write the time of the place, which is the utility's
        self.zone = ZoneInfo(dump.env["pwik.reading"]._get_timezone())
        self._lines = self._file = None
        self._position = 0

    def _read(self):
        parser = self.dump.profile_id._get_parser()
        self.close()
        self._file = self._open()
        return formats.read_dump(self._file, parser=parser, zone=self.zone)

    def _open(self):
        """The file as a stream: of a month of 300,000 meters it has 100 MB, which a process need not hold.

        :raises StoreOutage: the file store is away
        """
        attachment = self.dump.attachment_id
        if attachment.store_fname:
            return StoredFile(attachment._full_path(attachment.store_fname))
        return io.BytesIO(attachment.raw or b"")

    def close(self):
        if self._file:
            self._file.close()
        self._file = self._lines = None

    def take(self, limit):
        """The next lines.

        :return: ``(list of DumpLine, True when the file is at its end)``
        :raises DumpError: the file cannot be read any further
        """
        start = self.dump.lines_read
        if self._lines is None or self._position != start:
            self._lines = iter(self._read())
            self._position = sum(1 for _line in zip(range(start), self._lines, strict=False))
        # `zip` asks the range first, so that no line is lost at the end of a packet
        taken = [line for _number, line in zip(range(limit), self._lines, strict=False)]
        self._position += len(taken)
        at_end = len(taken) < limit
        if at_end:
            self.close()
        return taken, at_end


class PwikRadioDump(models.Model):
    _inherit = "pwik.radio.dump"

    @api.model
    def _cron_process(self):
        """Process what is to do, oldest dump first; what the time does not reach is taken up by the next run."""
        dumps = self.search([("state", "in", ("new", "in_progress"))], order="id")
        if not self.env["ir.cron"]._commit_progress(remaining=len(dumps)):
            # Odoo calls ten times at least, also when the time is up: each time the file would be read from its beginning
            return
        for dump in dumps:
            try:
                outcome = dump._process_one()
            except StoreOutage as error:
                # one lost file must keep no other out; the dump is tried again at the next call
                _logger.error("Dump %s (%s) waits: %s", dump.id, dump.sha256, error)
                dump.read_attempts = 0
                continue
            if outcome == MORE:
                # without it a process looks for work once a minute only
                self._trigger_processing()
                return
            if not self.env["ir.cron"]._commit_progress(1):
                return

    def _process(self):
        """Read and decode these dumps and make readings of them, from wherever each stands.

        In a scheduled action each packet is committed, so that a killed job goes on where it stood; elsewhere all belongs to
        the caller's transaction. Safe to call at once from several processes and any number of times.

        :return: True when nothing is left to do, False when the time of the scheduled action is up or somebody else is at it
        """
        return all([dump._process_one() == FINISHED for dump in self])

    def _process_one(self):
        """:return: FINISHED, BUSY (somebody else is at it) or MORE (the time of the scheduled action is up)"""
        # sudo: only the import writes dumps and lines; who may start it is checked where it is started
        dump = self.sudo().with_company(self.company_id)
        patience = ATTEMPTS
        if not dump._may_read_on():
            return FINISHED
        with contextlib.closing(DumpSource(dump)) as source:
            while True:
                outcome = dump._process_step(source)
                time_left = dump._commit_packet()
                if outcome == BUSY and dump._in_cron() and time_left and patience:
                    patience -= 1
                    time.sleep(BUSY_PAUSE)
                elif outcome != MORE or not time_left:
                    return outcome

    def _may_read_on(self):
        """Count the attempt before it is made: a file over which the process ends, by a limit of time or memory, leaves no
        other trace, and would be the oldest again the next time, before all that came after it.

        :return: False when that happened too often; the dump tells it
        """
        if not self._in_cron() or self.all_read:
            return True

        def count():
            if not self._take():
                return True
            self.invalidate_recordset(["read_attempts"])
            if self.read_attempts >= MOST_DEATHS:
                self._fail("too_heavy")
                return False
            self.read_attempts += 1
            return True

        may = self._run_isolated(count)
        self.env["ir.cron"]._commit_progress()
        if not may:
            _logger.error("Dump %s (%s): %s processes ended over it", self.id, self.sha256, MOST_DEATHS)
        return may

    def _process_step(self, source):
        """One packet, in a savepoint: what fails for another reason than the machine's is told on the dump.

        :return: as :meth:`_process_one`, MORE: another packet may follow
        """
        try:
            return self._run_isolated(lambda: self._process_packet(source))
        except ServerKeyError:
            _logger.error("Dump %s (%s): the server has no usable key of its own", self.id, self.sha256)
            self._run_isolated(lambda: self._fail("server_key"))
            return FINISHED
        except Exception as error:
            pass_on(error)
            if isinstance(error, RETRYABLE):
                raise
            # A bad file must not switch off the scheduled action; the record tells, the log says more.
            _logger.exception("Dump %s (%s): packet failed", self.id, self.sha256)
            self._run_isolated(self._fail)
            return FINISHED

    def _in_cron(self):
        return bool(self.env.context.get("ir_cron_progress_id"))

    def _commit_packet(self):
        """In a scheduled action, commit and count the packet as work done. :return: seconds left"""
        if not self._in_cron():
            return float("inf")
        progress = self.env["ir.cron.progress"].sudo().browse(self.env.context["ir_cron_progress_id"])
        return self.env["ir.cron"]._commit_progress(1, remaining=progress.remaining)

    def _run_isolated(self, work):
        """Run ``work`` in a savepoint; in a scheduled action again on a fresh snapshot when transactions met.

        Odoo repeats requests after such a failure, but not scheduled actions.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.env.cr.savepoint():
                    return work()
            except (*RETRYABLE, *OVERTAKEN):
                if not self._in_cron() or attempt == ATTEMPTS:
                    raise
                self.env.cr.rollback()
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        return None

    def _process_packet(self, source):
        """One packet: some lines out of the file, or the lines of some overlays into readings.

        The file is read by one process, the packets of overlays are shared by all that come.
        """
        self.invalidate_recordset()
        if self.state == "error" or self.state == "done" and not self._has_work():
            return FINISHED
        limit = self._get_parameter("packet_lines")
        if not self.all_read:
            if not self._take():
                return BUSY
            if self.state != "in_progress":
                self.state = "in_progress"
            self._read_packet(source, limit)
            return MORE
        tasks = self.env["pwik.radio.dump.task"]
        task = tasks._claim_next(self)
        if task:
            task._run(source.layouts, 2 * limit)
            return MORE
        if not self._take() or tasks.search_count([("dump_id", "=", self.id), ("state", "=", "pending")]):
            return BUSY  # others are at it
        if tasks._plan(self, limit):
            self.state = "in_progress"
            self._trigger_processing()  # for whoever has nothing to do by now
            return MORE
        self._finish()
        return FINISHED

    def _prepare_line(self, line):
        """A DumpLine as ``line_store.add`` takes it; one that holds no telegram has its outcome at once.

        :return: ``(list of what is known, outcome or None)``
        """
        telegram, decoded, sender, error = None, None, NOBODY, line.error
        if not error and line.value:
            decoded = json.dumps(decoded_value.to_json(line.value))
            sender = get_address(line.value)
        elif not error:
            content = line.telegram or b""
            telegram = content.hex()
            try:
                sender = get_address(address(content))
            except DomainError as found:
                error = found
        outcome = error and {"state": "error", "reason": error.code, "detail": error.message[:200]}
        received = line.received and line.received.astimezone(UTC).isoformat()[: -len("+00:00")]
        return [line.number, line.raw, telegram, decoded, received, line.rssi, *sender], outcome

    def _take(self):
        """Lock the dump for this transaction. :return: False when another one has it

        As ``try_lock_for_update``, but that another job got on with the dump meanwhile is no error for the log.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL("SELECT id FROM pwik_radio_dump WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", self.id),
            log_exceptions=False,
        )
        return bool(self.env.cr.fetchall())

    def _has_work(self):
        return any(
            self.env[model].search_count([("dump_id", "=", self.id), *more], limit=1)
            for model, more in (
                ("pwik.radio.dump.waiting", []),
                ("pwik.radio.dump.line", [("state", "=", "new")]),
            )
        )

    def _read_packet(self, source, limit):
        try:
            taken, at_end = source.take(limit)
        except DumpError as error:
            pass_on(error)
            # What was read before the damage is worked off; the file as a whole ends in error
            self._set_error(error.code, error.message)
            self.all_read = True
            return
        broken = next((line.error for line in taken if isinstance(line.error, DumpError)), None)
        if broken:
            pass_on(broken)
            self._set_error(broken.code, broken.message)
        with without_collector():
            lines = [self._prepare_line(line) for line in taken]
            waiting = [known for known, outcome in lines if not outcome]
            line_store.add(self.env.cr, self, waiting, [line for line in lines if line[1]])
        self.env["pwik.radio.dump.line"].invalidate_model()
        self.write({"lines_read": self.lines_read + len(taken), "all_read": at_end, "read_attempts": 0})

    def _set_error(self, code, detail):
        self.write({"error": code if code in dict(FILE_ERRORS) else "bad_file", "error_detail": detail[:500]})

    def _finish(self):
        if not self.line_count and not self.error:
            self.error = "no_lines"
        self.write({"state": "error" if self.error else "done", "date_done": fields.Datetime.now()})

    def _fail(self, code="internal"):
        self.write({"state": "error", "error": code, "date_done": fields.Datetime.now()})
