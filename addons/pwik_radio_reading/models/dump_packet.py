"""From lines of a dump to readings: match, decode, choose, create, and note the outcome on each line.

Not a model: it lives as long as one packet is being worked off.
"""

import json
import logging
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import psycopg2
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain import wmbus
from ..domain.errors import DomainError, UnknownEncodingError
from ..domain.select import MONTH_END, Seen, best, month_ends
from ..tools import decoded_value
from . import line_store
from .line_store import Line

_logger = logging.getLogger(__name__)

BELOW_LAST = {"V06", "V08"}
DIGITS = 3
MODULE_UPDATE = """
    UPDATE pwik_radio_module AS m SET last_seen = v.seen, last_rssi = COALESCE(v.rssi, m.last_rssi)
      FROM unnest(%s::int[], %s::timestamp[], %s::int[]) AS v(id, seen, rssi)
     WHERE m.id = v.id AND (m.last_seen IS NULL OR m.last_seen < v.seen) RETURNING m.id
"""


class Hearing(NamedTuple):
    """A sound telegram of a known overlay."""

    line: Line
    module_id: int
    telegram: wmbus.Telegram
    received: datetime  # UTC, naive, as Odoo stores it


class Candidate(NamedTuple):
    """A register value for a meter at a moment (UTC, naive)."""

    hearing: Hearing
    meter_id: int
    moment: datetime
    value: float
    is_month_end: bool
    fills: bool = False  # a month that has no reading, beside the reading that the telegram was taken for


class DumpPacket:
    """Some lines of one dump, all lines of an overlay together."""

    def __init__(self, dump, lines, layouts):
        """:param lines: list of Line; nothing of theirs is pending in the cache"""
        self.env = dump.env
        self.dump = dump
        self.lines = lines
        self.layouts = layouts
        self.zone = ZoneInfo(self.env["pwik.reading"]._get_timezone())
        self.outcomes = {line.id: {} for line in lines}
        self.month_ends = {}
        self.kept = self.updated = frozenset()

    def run(self):
        """Work the lines off; each ends in a state other than ``new``."""
        modules = self._match_modules()
        self.assignments = self.env["pwik.radio.module.assignment"]._get_by_module(
            {module.id for module in modules.values()}
        )
        hearings = self._decode(modules)
        self._note_heard(hearings)
        candidates = self._choose(hearings)
        self._make_readings(candidates)
        self._store()

    # Whose telegram it is

    def _match_modules(self):
        """Find the overlays: what either side does not say fits all, and the one that says most goes before.

        :return: ``{ident of a line: Overlay}``
        """
        serials = {line.serial for line in self.lines if line.serial}
        known = self.env["pwik.radio.module"]._get_overlays(serials, self.dump.company_id)
        matched, seen = {}, set()
        for line in self.lines:
            if line.ident in seen:
                continue
            seen.add(line.ident)
            fitting = [
                module
                for module in known.get(line.serial, ())
                if line.manufacturer in (None, module.manufacturer)
                and (not line.version or (module.version or line.version) == line.version)
                and (not line.medium or (module.medium or line.medium) == line.medium)
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
        # opening a key costs more than reading a value that came decoded
        asked = {line.ident for line in self.lines if line.telegram}
        keys = self.env["pwik.radio.module"]._open_keys(
            {module.id: module.token for ident, module in modules.items() if ident in asked}
        )
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
        except Exception as error:
            pass_on(error)
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
                json.loads(line.decoded),
                manufacturer=line.manufacturer,
                serial=line.serial,
                version=line.version,
                medium=line.medium,
            )
        received = line.received and line.received.replace(tzinfo=UTC)
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
        # of the hour that comes twice in autumn the second one: meters keep winter time
        return local.replace(tzinfo=self.zone, fold=1).astimezone(UTC).replace(tzinfo=None)

    # What follows for overlays

    def _note_heard(self, hearings):
        """Last heard, signal and alarms of the overlays, by their newest telegrams."""
        newest = {hearing.module_id: hearing for hearing in hearings}
        if newest:
            rows = [(h.module_id, h.received, h.line.rssi or None) for h in newest.values()]
            self.env.cr.execute(SQL(MODULE_UPDATE, *map(to_array, zip(*rows, strict=True))))
            self.updated = {module_id for (module_id,) in self.env.cr.fetchall()}
        self.env["pwik.radio.module"].browse(newest).invalidate_recordset(["last_seen", "last_rssi"])
        alarms = self.env["pwik.radio.alarm"]._observe(
            [
                (
                    h.module_id,
                    self.outcomes[h.line.id]["meter_id"],
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
        candidates, fills = [], []
        for meter_id, heard in by_meter.items():
            if len(heard) == 1 and not heard[0].telegram.history:
                candidates += self._choose_only(meter_id, heard[0])
                continue
            chosen, kept = self._choose_of(meter_id, heard)
            candidates += chosen
            fills += kept
        return candidates + self._get_missed(fills)

    def _choose_only(self, meter_id, hearing):
        """As ``_choose_of`` where there is no choice, which is so of most meters in an export."""
        value, moment = hearing.telegram.total_m3, hearing.received
        outcome = self.outcomes[hearing.line.id]
        if value is None:
            outcome.update(state="seen", reason="not_best" if outcome["has_value"] else "no_value")
            return []
        outcome.update(value=value, value_moment=moment)
        return [Candidate(hearing, meter_id, moment, round(float(value), DIGITS), False)]

    def _choose_of(self, meter_id, hearings):
        """The register of the last month's end when some telegram has it, else the newest sound one.

        :return: two lists of Candidate: at most one to take, and the registers of other months' ends
        """
        seen = [Seen(h.telegram, h.received.replace(tzinfo=UTC), place) for place, h in enumerate(hearings)]
        newest = hearings[-1].received.replace(tzinfo=UTC).astimezone(self.zone).date()
        # at a month's end the overlay may have sat elsewhere: whose register it kept nobody knows
        ends = {
            day: choice
            for day, choice in month_ends(seen, zone=self.zone).items()
            if self._get_meter(hearings[choice.seen.number].module_id, self._get_moment(choice, hearings))
            == meter_id
        }
        last = newest.replace(day=1) - timedelta(days=1)
        choice = ends.pop(last, None) or best(seen, zone=self.zone)
        for place, hearing in enumerate(hearings):
            if choice is None or place != choice.seen.number:
                has_value = self.outcomes[hearing.line.id]["has_value"]
                self.outcomes[hearing.line.id].update(
                    state="seen", reason="not_best" if has_value else "no_value"
                )
        kept = [
            self._make_candidate(meter_id, hearings, end)._replace(fills=True)
            for day, end in ends.items()
            if day < last
        ]
        if choice is None:
            return [], kept
        candidate = self._make_candidate(meter_id, hearings, choice)
        self.outcomes[candidate.hearing.line.id].update(value=choice.value, value_moment=candidate.moment)
        return [candidate], kept

    def _make_candidate(self, meter_id, hearings, choice):
        return Candidate(
            hearings[choice.seen.number],
            meter_id,
            self._get_moment(choice, hearings),
            round(float(choice.value), DIGITS),
            choice.kind == MONTH_END,
        )

    def _get_missed(self, candidates):
        """Those of these month-end values whose month has no reading while the meter was there."""
        if not candidates:
            return []
        self.env["pwik.reading"].flush_model()
        self.env["pwik.meter.installation"].flush_model()
        days = [self._get_day(candidate.moment) for candidate in candidates]
        self.env.cr.execute(
            SQL(
                """
            SELECT k.place
              FROM unnest(%s::int[], %s::date[], %s::date[]) WITH ORDINALITY AS k(meter_id, first, last, place)
             WHERE EXISTS (SELECT 1 FROM pwik_meter_installation i
                            WHERE i.meter_id = k.meter_id AND i.date_from < k.last
                              AND (i.date_to IS NULL OR i.date_to > k.last))
               AND NOT EXISTS (SELECT 1 FROM pwik_reading r
                                WHERE r.meter_id = k.meter_id AND r.register = 'main'
                                  AND r.date BETWEEN k.first AND k.last
                                  AND r.state <> 'rejected' AND r.superseded IS NOT TRUE)
          ORDER BY k.place
            """,
                to_array(candidate.meter_id for candidate in candidates),
                to_array(day.replace(day=1) for day in days),
                to_array(days),
            )
        )
        return [candidates[place - 1] for (place,) in self.env.cr.fetchall()]

    def _get_day(self, moment):
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

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
        self._keep_first(candidates)
        try:
            with self.env.cr.savepoint():
                self._take_in(candidates)
        except (UserError, psycopg2.IntegrityError) as error:
            if isinstance(error, psycopg2.errors.UniqueViolation) and self.dump._in_cron():
                raise  # somebody else took in a telegram of one of these meters; the packet runs again
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
            if not candidate.fills:
                self.outcomes[candidate.hearing.line.id].update(
                    state="error", reason="refused", detail=str(error)[:200]
                )

    def _take_in(self, candidates):
        taken = self.env["pwik.reading"]._take_in_values([self._prepare_reading(c) for c in candidates])
        for candidate, reading in zip(candidates, taken, strict=True):
            if candidate.fills:
                continue
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
            "radio_meter_serial": self._get_told_serial(hearing),
            "radio_backflow": self._get_backflow(candidate),
            "filled_from_line_id": hearing.line.id if candidate.fills else None,
        }

    @staticmethod
    def _get_backflow(candidate):
        """m³ that the meter ever counted backwards; of a missed month nobody knows."""
        amount = None if candidate.fills else candidate.hearing.telegram.backflow_m3
        return round(float(amount), DIGITS) if amount else 0.0

    @staticmethod
    def _get_told_serial(hearing):
        """The meter that the telegram names besides the radio's own number, or None."""
        telegram = hearing.telegram
        told = next(
            (str(r.value) for r in telegram.records if r.quantity == "fabrication_number" and r.value), None
        )
        if told is None and telegram.link_id not in ("", telegram.id):
            told = telegram.id.upper()
        return told if told != hearing.line.serial else None

    def _get_drift(self, hearing):
        """Seconds by which the overlay's clock is ahead; one that keeps winter time all year is not wrong for that."""
        clock = hearing.telegram.time
        if clock is None or not hearing.line.received:
            return 0
        received = hearing.received.replace(tzinfo=UTC).astimezone(self.zone)
        drift = clock.replace(tzinfo=None) - received.replace(tzinfo=None)
        return round(min(drift, drift + received.dst(), key=abs).total_seconds())

    # Outcomes

    def _store(self):
        """Write all outcomes: each line that waited once and whole, those that stand in their table in one statement."""
        line_store.lock_pointed(self.env.cr, self.dump.id, self.outcomes.values(), self.updated)
        waiting = [line for line in self.lines if not line.is_kept and line.id not in self.kept]
        line_store.keep(self.env.cr, self.dump, waiting, self.outcomes)
        fresh = {line.id for line in waiting}
        line_store.update(
            self.env.cr,
            {line_id: outcome for line_id, outcome in self.outcomes.items() if line_id not in fresh},
        )
        self.env["pwik.radio.dump.line"].invalidate_model()

    def _keep_first(self, candidates):
        """Lines that readings of missed months point to must be there before them."""
        lines = {
            candidate.hearing.line.id: candidate.hearing.line
            for candidate in candidates
            if candidate.fills and not candidate.hearing.line.is_kept
        }
        line_store.keep(self.env.cr, self.dump, list(lines.values()), dict.fromkeys(lines, {"state": "new"}))
        self.kept = lines.keys()
