"""From lines of a dump to readings: match, decode, choose, create, and note the outcome on each line.

Not a model: it lives as long as one packet is being worked off.
"""

import json
import logging
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg2
from odoo import fields
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain import wmbus
from ..domain.errors import BadKeyError, DomainError, InClearError, NoKeyError, UnknownEncodingError
from ..domain.select import MONTH_END, Seen, best, closing_day, is_clock_sound, month_ends
from ..tools import decoded_value
from . import line_store, missed_months
from .hearing import DIGITS, Candidate, Hearing
from .line_store import NOTHING

_logger = logging.getLogger(__name__)

BELOW_LAST = {"V06", "V08"}
MOST_DRIFT = 2**31 - 1  # seconds, 68 years: what its column holds
MODULE_UPDATE = """
    UPDATE pwik_radio_module AS m SET last_seen = v.seen, last_rssi = COALESCE(v.rssi, m.last_rssi)
      FROM unnest(%s::int[], %s::timestamp[], %s::int[]) AS v(id, seen, rssi)
     WHERE m.id = v.id AND (m.last_seen IS NULL OR m.last_seen < v.seen) RETURNING m.id
"""


class DumpPacket:
    """Some lines of one dump, all lines of an overlay together."""

    def __init__(self, dump, lines, layouts):
        """:param lines: list of Line; nothing of theirs is pending in the cache"""
        self.env = dump.env
        self.dump = dump
        self.lines = lines
        self.layouts = layouts
        self.zone = ZoneInfo(self.env["pwik.reading"]._get_timezone())
        self.outcomes = dict.fromkeys((line.id for line in lines), NOTHING)
        self.recorded_at = dump.recorded_at or None
        self.month_ends, self.due_days, self.heard = {}, {}, {}
        self.kept = self.updated = frozenset()
        # as rule V04 has it, which judges readings only
        table = self.env["pwik.validation.limit"]._get_table(dump.company_id)
        minutes = float(table(False, fields.Date.today()).get("V04", "minutes"))
        self.latest = fields.Datetime.now() + timedelta(minutes=minutes)

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

        Of several that say as much none is taken: a person chooses.

        :return: ``{ident of a line: Overlay}``
        """
        serials = {line.serial for line in self.lines if line.serial}
        known = self.env["pwik.radio.module"]._get_overlays(serials, self.dump.company_id)
        matched, seen = {}, set()
        for line in self.lines:
            if line.ident in seen:
                continue
            seen.add(line.ident)
            fitting = [module for module in known.get(line.serial, ()) if line_store.fits(line, module)]
            if len(fitting) > 1 and line.manufacturer:
                says = {module: bool(module.version) + 2 * bool(module.medium) for module in fitting}
                fitting = [module for module in fitting if says[module] == max(says.values())]
            if len(fitting) == 1:
                matched[line.ident] = fitting[0]
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
            if isinstance(error, NoKeyError) and module and module.token:
                error = BadKeyError("none of the server's keys opens the stored key")
            self._fail(line, module, error)
            return None
        except Exception as error:
            pass_on(error)
            _logger.exception("Dump %s, line %s: the decoder failed", self.dump.id, line.number)
            self._note(line, state="error", reason="internal", module_id=module and module.id)
            return None
        if module and module.is_guarded and line.telegram and not telegram.proven:
            # anybody with a transmitter could have sent it
            self._fail(line, module, InClearError())
            return None
        received = line.received or self._to_utc(telegram.time) or self.recorded_at
        value = telegram.total_m3 if telegram.total_m3 is not None else telegram.target_m3
        outcome = self.outcomes[line.id] = {
            **NOTHING,
            "driver": telegram.driver,
            "alarms": " ".join(telegram.alarms or ()) or None,
            "has_value": value is not None,
            "value": value,
            "value_moment": received,
        }
        if not module:
            outcome.update(state="quarantine", reason="unknown_module")
            return None
        outcome["module_id"] = module.id
        if not received:
            outcome.update(state="error", reason="no_time")
            return None
        if received > self.latest:
            # nothing may follow from it, not even that the overlay was heard: it would be its newest telegram for long
            outcome.update(state="error", reason="future", module_id=None)
            return None
        meter_id = outcome["meter_id"] = self._get_meter(module.id, received)
        return Hearing(line, module.id, meter_id, telegram, received, outcome)

    def _note(self, line, **outcome):
        """The outcome of a line that gave no value."""
        self.outcomes[line.id] = NOTHING | outcome

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
            self._note(line, state="quarantine", reason="unknown_module", detail=error.code)
            return
        self._note(
            line,
            state="error",
            reason=error.code,
            detail=error.message[:200],
            module_id=module.id,
            meter_id=line.received and self._get_meter(module.id, line.received),
        )

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
                (h.module_id, h.meter_id, h.received, frozenset(h.telegram.alarms))
                for h in hearings
                if h.telegram.alarms is not None  # an export without a column of alarms denies none
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
            if hearing.meter_id:
                by_meter[hearing.meter_id].append(hearing)
            else:
                hearing.outcome.update(state="quarantine", reason="not_assigned")
        candidates, fills = [], []
        # in the order of the meters, so that rows which stand side by side in the indexes are written side by side
        for meter_id, heard in sorted(by_meter.items()):
            if len(heard) == 1 and len(heard[0].telegram.history) < 2:
                self._choose_only(heard[0], candidates, fills)
            else:
                self.heard[meter_id] = heard
                self._choose_of(heard, candidates, fills)
        return candidates + self._get_missed(fills)

    def _choose_only(self, hearing, candidates, fills):
        """As ``_choose_of`` where there is no choice: one telegram with a register of one month's end at most, as most are."""
        _line, module_id, meter_id, telegram, received, outcome = hearing
        for day, value in telegram.history:
            end, heard = self._get_month_end(day), self._get_local(received)
            if not end or not is_clock_sound(Seen(telegram, heard), self.zone):
                continue
            last, moment = end
            if self._get_meter(module_id, moment) != meter_id:
                continue
            due = self._get_due_day(heard.date())
            candidate = Candidate(hearing, meter_id, moment, round(float(value), DIGITS), True, last < due)
            if last == due:
                outcome.update(value=value, value_moment=moment)
                candidates.append(candidate)
                return
            if candidate.fills:
                fills.append(candidate)
        value = telegram.total_m3
        if value is None:
            outcome.update(state="seen", reason="not_best" if outcome["has_value"] else "no_value")
            return
        outcome.update(value=value, value_moment=received)
        candidates.append(Candidate(hearing, meter_id, received, round(float(value), DIGITS), False))

    def _choose_of(self, hearings, candidates, fills):
        """The register of the last month's end when some telegram has it, else the newest sound one.

        :param hearings: of one meter, in the order of time
        :param candidates: list to which at most one Candidate is added
        :param fills: list to which the registers of other months' ends are added
        """
        seen = [Seen(h.telegram, self._get_local(h.received), place) for place, h in enumerate(hearings)]
        meter_id = hearings[0].meter_id
        # at a month's end the overlay may have sat elsewhere: whose register it kept nobody knows
        ends = {
            day: choice
            for day, choice in month_ends(seen, zone=self.zone).items()
            if self._get_meter(hearings[choice.seen.number].module_id, self._get_moment(choice, hearings))
            == meter_id
        }
        due = self._get_due_day(seen[-1].received.date())
        choice = ends.pop(due, None) or best(seen, zone=self.zone)
        for place, hearing in enumerate(hearings):
            if choice is None or place != choice.seen.number:
                has_value = hearing.outcome["has_value"]
                hearing.outcome.update(state="seen", reason="not_best" if has_value else "no_value")
        fills += [
            self._make_candidate(hearings, end)._replace(fills=True) for day, end in ends.items() if day < due
        ]
        if choice is not None:
            candidate = self._make_candidate(hearings, choice)
            candidate.hearing.outcome.update(value=choice.value, value_moment=candidate.moment)
            candidates.append(candidate)

    def _make_candidate(self, hearings, choice):
        hearing = hearings[choice.seen.number]
        return Candidate(
            hearing,
            hearing.meter_id,
            self._get_moment(choice, hearings),
            round(float(choice.value), DIGITS),
            choice.kind == MONTH_END,
        )

    def _get_missed(self, candidates):
        """Those of these month-end values whose month has no reading while the meter was there."""
        if not candidates:
            return []
        days = [self._get_local(candidate.moment).date() for candidate in candidates]
        places = missed_months.find(self.env, [candidate.meter_id for candidate in candidates], days)
        return [candidates[place] for place in places]

    def _get_moment(self, choice, hearings):
        if choice.kind == MONTH_END:
            return self._get_month_end(choice.day)[1]
        return hearings[choice.seen.number].received

    def _get_month_end(self, day):
        """Last day of the month that a register of this day closes, and its last second (UTC, naive); None: it closes none."""
        if day not in self.month_ends:  # thousands of registers are of the same days
            last = closing_day(day)
            self.month_ends[day] = last and (last, self._to_utc(datetime.combine(last, time(23, 59, 59))))
        return self.month_ends[day]

    def _get_due_day(self, today):
        """The last day of the month before."""
        if today not in self.due_days:
            self.due_days[today] = today.replace(day=1) - timedelta(days=1)
        return self.due_days[today]

    def _get_local(self, received):
        """A moment of Odoo's as one of the utility's time zone."""
        return received.replace(tzinfo=UTC).astimezone(self.zone)

    # Readings

    def _make_readings(self, candidates):
        """Take the candidates in as readings, all at once; one by one when that fails."""
        if not candidates:
            return
        self._keep_first(candidates)
        try:
            with self.env.cr.savepoint():
                refused = self._take_in(candidates)
        except (UserError, psycopg2.IntegrityError) as error:
            if isinstance(error, psycopg2.errors.UniqueViolation) and self.dump._in_cron():
                raise  # somebody else took in a telegram of one of these meters; the packet runs again
            refused = [other for candidate in candidates for other in self._take_in_one(candidate)]
        self._make_readings(self._choose_again(refused))

    def _choose_again(self, refused):
        """The next best register of meters whose choice somebody had rejected before their telegrams ran again.

        :param refused: list of Candidate; their lines keep what they say
        :return: list of Candidate
        """
        candidates = []
        for candidate in refused:
            others = self.heard.get(candidate.meter_id, [])
            self.heard[candidate.meter_id] = others = [h for h in others if h is not candidate.hearing]
            seen = [Seen(h.telegram, self._get_local(h.received), place) for place, h in enumerate(others)]
            if choice := best(seen, zone=self.zone):
                candidates.append(self._make_candidate(others, choice))
                candidates[-1].hearing.outcome.update(value=choice.value, value_moment=candidates[-1].moment)
        return candidates

    def _take_in_one(self, candidate):
        try:
            with self.env.cr.savepoint():
                return self._take_in([candidate])
        except (UserError, psycopg2.IntegrityError) as error:
            _logger.info(
                "Dump %s, line %s: reading refused: %s", self.dump.id, candidate.hearing.line.number, error
            )
            if not candidate.fills:
                candidate.hearing.outcome.update(state="error", reason="refused", detail=str(error)[:200])
        return []

    def _take_in(self, candidates):
        """:return: those of the candidates that run again and whose reading was rejected meanwhile"""
        refused = []
        taken = self.env["pwik.reading"]._take_in_values([self._prepare_reading(c) for c in candidates])
        for candidate, reading in zip(candidates, taken, strict=True):
            if not candidate.fills:
                state, reason = self._judge(reading)
                candidate.hearing.outcome.update(
                    reading_id=reading.id, detail=reading.codes, state=state, reason=reason
                )
                if reason == "duplicate" and reading.state == "rejected" and candidate.hearing.line.is_kept:
                    refused.append(candidate)
        return refused

    @staticmethod
    def _judge(taken):
        """State and reason of the line that gave this reading."""
        if taken.is_known:
            return "seen", "duplicate"
        if taken.state == "accepted":
            return "done", None
        codes = set((taken.codes or "").split())
        if "V03" in codes:
            return "review", "conflict"
        return "review", "below_last" if codes & BELOW_LAST else "finding"

    def _prepare_reading(self, candidate):
        hearing = candidate.hearing
        telegram = hearing.telegram
        return {
            "meter_id": candidate.meter_id,
            "moment": candidate.moment,
            "value": candidate.value,
            "source": "radio",
            "radio_alarms": hearing.outcome["alarms"] or False,
            "radio_clock_drift": self._get_drift(hearing) if telegram.time and hearing.line.received else 0,
            "radio_fixed_day": candidate.is_month_end,
            "radio_meter_serial": hearing.told_serial,
            "radio_backflow": candidate.backflow if telegram.records else 0.0,
            "filled_from_line_id": hearing.line.id if candidate.fills else None,
        }

    def _get_drift(self, hearing):
        """Seconds by which the overlay's clock is ahead; one that keeps winter time all year is not wrong for that."""
        received = self._get_local(hearing.received)
        drift = hearing.telegram.time.replace(tzinfo=None) - received.replace(tzinfo=None)
        seconds = round(min(drift, drift + received.dst(), key=abs).total_seconds()) if drift else 0
        return max(-MOST_DRIFT, min(seconds, MOST_DRIFT))

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
        line_store.keep(
            self.env.cr, self.dump, list(lines.values()), dict.fromkeys(lines, NOTHING | {"state": "new"})
        )
        self.kept |= lines.keys()
