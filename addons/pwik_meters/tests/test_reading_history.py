"""What is fetched of a meter's past is what its readings say, record by record."""

import random
import re
from datetime import datetime, timedelta
from decimal import Decimal

from odoo.tests import tagged

from ..models.reading_history import _ACCEPTED, A_DAY, DEPTH, ReadingHistory, to_decimal
from .common import PwikCommon


@tagged("post_install", "-at_install")
class TestReadingHistory(PwikCommon):
    """A register of anything: two stays, all sources, counters that began anew, two values of one moment."""

    def make_past(self, chance, size):
        """Accepted readings in no order of time, written past all rules."""
        begin = datetime(2020, 1, 1, 6)
        days = chance.sample(range(1, 400 * 5), size)
        rows = [
            {
                "meter_id": self.meter.id,
                "moment": begin + timedelta(days=day, seconds=chance.randrange(86_000)),
                "value": chance.randrange(900_000) / 1000,
                "source": chance.choice(["radio", "manual", "estimate"]),
            }
            for day in days
        ]
        rows.append({**rows[-1], "source": "exchange"})  # of one moment
        readings = self.env["pwik.reading"].create(rows)
        self.env.flush_all()
        for reading in readings:
            self.env.cr.execute(
                "UPDATE pwik_reading SET state = %s, rollover = %s, superseded = %s, installation_id = %s WHERE id = %s",
                [
                    chance.choice(["accepted"] * 8 + ["rejected", "to_review"]),
                    chance.choice([None, False, False, True]),
                    chance.choice([None, False, False, False, True]),
                    chance.choice([self.installation.id] * 4 + [None]),
                    reading.id,
                ],
            )
        self.env.invalidate_all()
        return readings

    def tell(self, readings, moment):
        """Of the meter's last DEPTH values before a moment those of the installation, and its next one after the moment."""
        counted = readings.filtered(lambda one: one.state == "accepted" and not one.superseded)
        values = [
            (one.installation_id, (one.moment, to_decimal(one.value), one.source, one.rollover))
            for one in counted.sorted(lambda one: (one.moment, one.id))
        ]
        earlier = [one for one in values if one[1][0] < moment][-DEPTH:]
        later = [one for one in values if one[1][0] > moment]
        here = [[value for place, value in part if place == self.installation] for part in (earlier, later)]
        return here[0], next(iter(here[1]), None)

    def test_fetched_history_is_what_the_readings_say(self):
        chance = random.Random(20261128)
        readings = self.make_past(chance, 3)
        for size in (0, 5, 40, 60):
            readings |= self.make_past(chance, size) if size else readings
            moments = [one.moment + timedelta(seconds=shift) for one in readings[::7] for shift in (-1, 0, 1)]
            for moment in [*moments, datetime(2027, 1, 1)]:
                draft = self.env["pwik.reading"].create(
                    {"meter_id": self.meter.id, "moment": moment, "value": 1.0, "source": "customer"}
                )
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE pwik_reading SET installation_id = %s WHERE id = %s",
                    [self.installation.id, draft.id],
                )
                self.env.invalidate_all()
                book = ReadingHistory(draft)
                [one] = book.drafts.values()
                found = book.get_history(one)
                before, after = self.tell(readings, moment)
                with self.subTest(size=size, moment=moment):
                    start = book.starts[self.installation.id]
                    first = before[0][0] if before else moment
                    is_first = start.moment < first and (not before or first - start.moment >= A_DAY)
                    if len(before) < DEPTH and is_first:
                        before.insert(0, tuple(start))
                    self.assertEqual([tuple(past) for past in found.previous], before)
                    self.assertEqual(found.following and tuple(found.following), after)
                draft.unlink()

    def test_values_of_the_batch_take_their_place(self):
        """Of a batch the accepted ones count for the others, wherever they lie."""
        chance = random.Random(7)
        self.make_past(chance, 6)
        draft = self.env["pwik.reading"].create(
            {"meter_id": self.meter.id, "moment": datetime(2026, 6, 1), "value": 9.0, "source": "customer"}
        )
        book = ReadingHistory(draft)
        [one] = book.drafts.values()
        known = book.values[self.meter.id, "main"]
        moments = sorted(known.series.micros)
        for day in (5, 1, 9):
            book.note(
                one._replace(moment=datetime(2021, 1, day), value=Decimal(day)),
                True,
                rolled_over=False,
                error=False,
            )
        self.assertEqual(len(known.series), len(moments) + 3)
        self.assertEqual(known.series.micros, sorted(known.series.micros))
        self.assertEqual(len(known.places), len(known.series))
        at = known.series.micros.index(min(set(known.series.micros) - set(moments)))
        self.assertEqual(known.places[at], one.installation_id)
        self.assertEqual(known.series[at].value, Decimal(1))

    def test_the_past_is_read_out_of_its_index_alone(self):
        """All columns that are asked for are in it, and its condition is that of the statement."""
        self.env.cr.execute(
            """
            SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::int2[])
             WHERE i.indexrelid = 'pwik_reading_past'::regclass
            """
        )
        columns = {name for (name,) in self.env.cr.fetchall()}
        asked = set(re.findall(r"r\.([a-z_]+)", _ACCEPTED)) - {"state", "superseded"}
        self.assertEqual(columns, asked)
        self.env.cr.execute("SELECT pg_get_indexdef('pwik_reading_past'::regclass)")
        self.assertIn("(superseded IS NOT TRUE)", self.env.cr.fetchone()[0])
