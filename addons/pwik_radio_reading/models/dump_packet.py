"""From lines of a dump to readings: match, decode, choose, create, and note the outcome on each line.

Not a model: it lives as long as one packet is being worked off.
"""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import psycopg2
from odoo.exceptions import UserError
from psycopg2.extras import execute_values
from pytz import UTC, timezone

from ..domain import wmbus
from ..domain.errors import DomainError, UnknownEncodingError
from ..domain.select import MONTH_END, Seen, best
from ..tools import decoded_value

_logger = logging.getLogger(__name__)

BELOW_LAST = {"V06", "V08"}
DIGITS = 3
COLUMNS = (
    "state",
    "reason",
    "detail",
    "module_id",
    "meter_id",
    "reading_id",
    "driver",
    "value",
    "has_value",
    "value_moment",
    "alarms",
)


LINE_UPDATE = """
    UPDATE pwik_radio_dump_line AS l
       SET state = v.state, reason = v.reason, detail = v.detail, module_id = v.module_id, meter_id = v.meter_id,
           reading_id = v.reading_id, driver = v.driver, value = v.value, has_value = v.has_value,
           value_moment = v.value_moment, alarms = v.alarms, write_date = now() AT TIME ZONE 'UTC'
      FROM (VALUES %s) AS v(id, state, reason, detail, module_id, meter_id, reading_id, driver, value, has_value,
                            value_moment, alarms)
     WHERE l.id = v.id
"""
LINE_ROW = (
    "(%s::int, %s::varchar, %s::varchar, %s::varchar, %s::int, %s::int, %s::int, %s::varchar, %s::numeric, %s::bool,"
    " %s::timestamp, %s::varchar)"
)
MODULE_UPDATE = """
    UPDATE pwik_radio_module AS m SET last_seen = v.seen, last_rssi = v.rssi
      FROM (VALUES %s) AS v(id, seen, rssi)
     WHERE m.id = v.id AND (m.last_seen IS NULL OR m.last_seen < v.seen)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line to do, as a plain value: records would cost more to look at than telegrams to decode."""

    id: int
    number: int
    ident: str | None
    manufacturer: str | None
    serial: str | None
    version: str | None
    medium: str | None
    telegram: str | None
    decoded: dict | None
    received: datetime | None
    rssi: int | None


@dataclass(frozen=True, slots=True)
class Hearing:
    """A sound telegram of a known overlay."""

    line: Line
    module_id: int
    telegram: wmbus.Telegram
    received: datetime  # UTC, naive, as Odoo stores it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A register value for a meter at a moment (UTC, naive)."""

    hearing: Hearing
    meter_id: int
    moment: datetime
    value: float
    is_month_end: bool


class DumpPacket:
    """Some lines of one dump, all lines of an overlay together."""

    def __init__(self, dump, lines, layouts):
        """:param lines: list of Line; nothing of theirs is pending in the cache"""
        self.env = dump.env
        self.dump = dump
        self.lines = lines
        self.layouts = layouts
        self.zone = timezone(self.env["pwik.reading"]._get_timezone())
        self.outcomes = {line.id: {} for line in lines}
        self.month_ends = {}

    def run(self):
        """Work the lines off; each ends in a state other than ``new``."""
        modules = self._match_modules()
        self.assignments = self.env["pwik.radio.module.assignment"]._get_by_module(self._recordset(modules))
        hearings = self._decode(modules)
        self._note_heard(hearings)
        candidates = self._choose(hearings)
        self._make_readings(candidates)
        self._store()

    # Whose telegram it is

    def _recordset(self, modules):
        return self._recordset_of({module.id for module in modules.values()})

    def _recordset_of(self, module_ids):
        return self.env["pwik.radio.module"].browse(module_ids)

    def _match_modules(self):
        """Find the overlays: what either side does not say fits all, and the one that says most goes before.

        :return: ``{ident of a line: overlay}``
        """
        serials = {line.serial for line in self.lines if line.serial}
        known = defaultdict(list)
        for module in self.env["pwik.radio.module"].search(
            [
                ("serial", "in", list(serials)),
                ("company_id", "=", self.dump.company_id.id),
            ]
        ):
            known[module.serial].append(module)
        matched = {}
        for line in self.lines:
            fitting = [
                module
                for module in known[line.serial]
                if line.manufacturer in (None, module.manufacturer)
                and (not line.version or module.version in (False, line.version))
                and (not line.medium or module.medium in (False, line.medium))
            ]
            # an export that names no maker must not fall on one of two overlays by chance
            if fitting and (line.manufacturer or len(fitting) == 1):
                matched[line.ident] = max(
                    fitting, key=lambda module: (bool(module.version), bool(module.medium))
                )
        return matched

    def _get_meter(self, module_id, moment):
        """The meter under the overlay at that moment, or False."""
        for start, end, meter_id in self.assignments.get(module_id, ()):
            if start <= moment and (end is None or moment < end):
                return meter_id
        return False

    # What it says

    def _decode(self, modules):
        """:return: list of Hearing in the order of time; the other lines have their outcome"""
        keys = self._recordset(modules)._get_keys()
        hearings, waiting = [], []
        for line in self.lines:
            module = modules.get(line.ident)
            try:
                hearing = self._hear(line, module, keys.get(module.id) if module else None)
            except UnknownEncodingError as error:
                waiting.append((line, module, error))
                continue
            if hearing:
                hearings.append(hearing)
        for line, module, error in waiting:
            # a full frame after it may have taught the layout of a compact one
            try:
                hearing = self._hear(line, module, keys.get(module.id) if module else None)
            except UnknownEncodingError:
                self._fail(line, module, error)
                continue
            if hearing:
                hearings.append(hearing)
        return sorted(hearings, key=lambda hearing: hearing.received)

    def _hear(self, line, module, key):
        """:return: a Hearing, or None when the line got its outcome; raises UnknownEncodingError"""
        try:
            telegram = self._get_telegram(line, key)
        except UnknownEncodingError:
            raise
        except DomainError as error:
            self._fail(line, module, error)
            return None
        except Exception:
            _logger.exception("Dump %s, line %s: the decoder failed", self.dump.id, line.number)
            self.outcomes[line.id] = {
                "state": "error",
                "reason": "internal",
                "module_id": module and module.id,
            }
            return None
        received = line.received or self._to_utc(telegram.time)
        value = telegram.total_m3 if telegram.total_m3 is not None else telegram.target_m3
        outcome = {
            "module_id": module and module.id,
            "driver": telegram.driver,
            "alarms": " ".join(telegram.alarms) or None,
            "has_value": value is not None,
            "value": value,
            "value_moment": received,
        }
        self.outcomes[line.id] = outcome
        if not module:
            outcome.update(state="quarantine", reason="unknown_module")
        elif not received:
            outcome.update(state="error", reason="no_time")
        else:
            outcome["meter_id"] = self._get_meter(module.id, received)
            return Hearing(line, module.id, telegram, received)
        return None

    def _get_telegram(self, line, key):
        if line.decoded:
            return decoded_value.to_telegram(
                line.decoded,
                manufacturer=line.manufacturer,
                serial=line.serial,
                version=line.version,
                medium=line.medium,
            )
        received = line.received and UTC.localize(line.received)
        return wmbus.decode(bytes.fromhex(line.telegram), key, received=received, layouts=self.layouts)

    def _fail(self, line, module, error):
        if not module:
            # Not ours as far as we know, or ours and not entered yet: whatever the decoder says, a person decides first
            self.outcomes[line.id] = {"state": "quarantine", "reason": "unknown_module", "detail": error.code}
            return
        self.outcomes[line.id] = {
            "state": "error",
            "reason": error.code,
            "detail": error.message[:200],
            "module_id": module.id,
            "meter_id": line.received and self._get_meter(module.id, line.received),
        }

    def _to_utc(self, local):
        """A meter's own clock (the utility's time zone) as UTC without zone, or None."""
        if local is None:
            return None
        return self.zone.localize(local.replace(tzinfo=None)).astimezone(UTC).replace(tzinfo=None)

    # What follows for overlays

    def _note_heard(self, hearings):
        """Last heard, signal and alarms of the overlays, by their newest telegrams."""
        newest = {hearing.module_id: hearing for hearing in hearings}
        rows = [(h.module_id, h.received, h.line.rssi or None) for h in newest.values()]
        self._update_rows(MODULE_UPDATE, rows, "(%s::int, %s::timestamp, %s::int)")
        self._recordset_of(newest).invalidate_recordset(["last_seen", "last_rssi"])
        alarms = self.env["pwik.radio.alarm"]._observe(
            [
                (
                    h.module_id,
                    self._get_meter(h.module_id, h.received),
                    h.received,
                    frozenset(h.telegram.alarms),
                )
                for h in hearings
            ]
        )
        alarms._open_cases()

    # Which value becomes the reading

    def _choose(self, hearings):
        """One candidate for each meter of the packet; the other telegrams are kept as seen.

        :return: list of Candidate
        """
        by_meter = defaultdict(list)
        for hearing in hearings:
            meter_id = self.outcomes[hearing.line.id]["meter_id"]
            if meter_id:
                by_meter[meter_id].append(hearing)
            else:
                self.outcomes[hearing.line.id].update(state="quarantine", reason="not_assigned")
        candidates = [self._choose_one(meter_id, heard) for meter_id, heard in by_meter.items()]
        return [candidate for candidate in candidates if candidate]

    def _choose_one(self, meter_id, hearings):
        """The register of the last month's end when some telegram has it, else the newest sound one."""
        seen = [Seen(h.telegram, UTC.localize(h.received), place) for place, h in enumerate(hearings)]
        newest = UTC.localize(hearings[-1].received).astimezone(self.zone).date()
        choice = best(seen, month_end=newest.replace(day=1) - timedelta(days=1), zone=self.zone)
        moment = choice and self._get_moment(choice, hearings)
        if choice and self._get_meter(hearings[choice.seen.number].module_id, moment) != meter_id:
            # at the month's end the overlay sat elsewhere: whose register it kept nobody knows
            choice = best(seen, zone=self.zone)
            moment = choice and self._get_moment(choice, hearings)
        for place, hearing in enumerate(hearings):
            if choice is None or place != choice.seen.number:
                has_value = self.outcomes[hearing.line.id]["has_value"]
                self.outcomes[hearing.line.id].update(
                    state="seen", reason="not_best" if has_value else "no_value"
                )
        if choice is None:
            return None
        hearing = hearings[choice.seen.number]
        self.outcomes[hearing.line.id].update(value=choice.value, value_moment=moment)
        return Candidate(
            hearing, meter_id, moment, round(float(choice.value), DIGITS), choice.kind == MONTH_END
        )

    def _get_moment(self, choice, hearings):
        if choice.kind == MONTH_END:
            if choice.day not in self.month_ends:
                last = datetime.combine(choice.day, time(23, 59, 59))
                self.month_ends[choice.day] = self._to_utc(last)
            return self.month_ends[choice.day]
        return hearings[choice.seen.number].received

    # Readings

    def _make_readings(self, candidates):
        """Take the candidates in as readings, all at once; one by one when that fails."""
        if not candidates:
            return
        try:
            with self.env.cr.savepoint():
                self._take_in(candidates)
        except (UserError, psycopg2.IntegrityError):
            for candidate in candidates:
                self._take_in_one(candidate)

    def _take_in_one(self, candidate):
        try:
            with self.env.cr.savepoint():
                self._take_in([candidate])
        except (UserError, psycopg2.IntegrityError) as error:
            _logger.info(
                "Dump %s, line %s: reading refused: %s", self.dump.id, candidate.hearing.line.number, error
            )
            self.outcomes[candidate.hearing.line.id].update(
                state="error", reason="refused", detail=str(error)[:200]
            )

    def _take_in(self, candidates):
        taken = self.env["pwik.reading"]._take_in_values([self._prepare_reading(c) for c in candidates])
        for candidate, reading in zip(candidates, taken, strict=True):
            self.outcomes[candidate.hearing.line.id].update(
                reading_id=reading.id, detail=reading.codes, **self._judge(reading)
            )

    @staticmethod
    def _judge(taken):
        """State and reason of the line that gave this reading."""
        if taken.is_known:
            return {"state": "seen", "reason": "duplicate"}
        codes = set((taken.codes or "").split())
        if taken.state == "accepted":
            return {"state": "done", "reason": None}
        if "V03" in codes:
            return {"state": "review", "reason": "conflict"}
        return {"state": "review", "reason": "below_last" if codes & BELOW_LAST else "finding"}

    def _prepare_reading(self, candidate):
        hearing = candidate.hearing
        return {
            "meter_id": candidate.meter_id,
            "moment": candidate.moment,
            "value": candidate.value,
            "source": "radio",
            "radio_alarms": " ".join(hearing.telegram.alarms) or False,
            "radio_clock_drift": self._get_drift(hearing),
            "radio_fixed_day": candidate.is_month_end,
        }

    def _get_drift(self, hearing):
        """Seconds by which the overlay's clock is ahead; one that keeps winter time all year is not wrong for that."""
        clock = hearing.telegram.time
        if clock is None or not hearing.line.received:
            return 0
        received = UTC.localize(hearing.received).astimezone(self.zone)
        local = received.replace(tzinfo=None)
        drifts = (
            (clock.replace(tzinfo=None) - moment).total_seconds()
            for moment in (local, local - received.dst())
        )
        return round(min(drifts, key=abs))

    # Outcomes

    def _store(self):
        """Write all outcomes in one statement: a packet has thousands of lines, and nothing depends on their fields."""
        rows = [
            (
                line_id,
                *(outcome.get(column) or None for column in COLUMNS[:-4]),
                outcome.get("value"),
                bool(outcome.get("has_value")),
                outcome.get("value_moment"),
                outcome.get("alarms"),
            )
            for line_id, outcome in self.outcomes.items()
        ]
        self._update_rows(LINE_UPDATE, rows, LINE_ROW)
        self.env["pwik.radio.dump.line"].browse(self.outcomes).invalidate_recordset()

    def _update_rows(self, statement, rows, template):
        """Give many records values of their own in one statement; for fields that nothing else depends on."""
        execute_values(self.env.cr._obj, statement, rows, template=template, page_size=1000)
