"""New readings judged before they are stored, so that each row is written once, complete, by COPY.

Not a model: it lives as long as one batch comes in. What it makes is what ``create`` and validation make, field by field.
"""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..domain.validation import Past
from ..tools.copying import copy_rows, next_ids
from .reading_history import DEPTH, ReadingHistory, to_decimal

# Addons whose own part in ``create`` and ``write`` of a reading is known to do nothing to one that is new and imported.
UNDERSTOOD = frozenset({"base", "mail", "pwik_meters", "pwik_cases"})
# Stored values that are worked out here and not by a compute method.
WORKED_OUT = frozenset({"date", "installation_id", "service_point_id", "contract_id", "company_id"})
LOGGED = ("create_uid", "create_date", "write_uid", "write_date")
# Parts of a reading's life that are not called here: whoever extends one is asked the long way.
PASSED_OVER = frozenset({"create", "write", "_validate_batch", "_store_outcomes", "_refresh_consumption"})
OUTCOME = ("state", "finding_codes", "blocks_billing", "rollover", "consumption")


class IncomingHistory(ReadingHistory):
    """As its base, for readings that are not in the table yet."""

    def __init__(self, readings):
        self.midnights = {}
        super().__init__(readings)

    def _midnight(self, day):
        """As its base: thousands of meters were installed on the same days."""
        if day not in self.midnights:
            self.midnights[day] = super()._midnight(day)
        return self.midnights[day]

    def _load_same_moment(self):
        self.same = defaultdict(list)
        keys = defaultdict(list)
        for record in self.readings:
            keys[record.meter_id.id, record.register, record.moment].append(record)
        self.env.cr.execute(
            SQL(
                """
            SELECT o.id, o.meter_id, o.register, o.moment, o.value, o.source
              FROM unnest(%s::int[], %s::text[], %s::timestamp[]) AS k(meter_id, register, moment)
              JOIN pwik_reading o
                ON o.meter_id = k.meter_id AND o.moment = k.moment AND o.register = k.register
             WHERE o.state <> 'rejected' AND o.superseded IS NOT TRUE
          ORDER BY o.id
            """,
                *(list(column) for column in zip(*keys, strict=True)),
            )
        )
        for other, meter, register, moment, value, source in self.env.cr.fetchall():
            self.same[meter, register, moment].append((other, Past(moment, to_decimal(value), source)))
        for key, records in keys.items():
            if len(records) > 1:
                self.same[key] += [
                    (record.id, Past(record.moment, to_decimal(record.value), record.source))
                    for record in records
                ]


class ReadingIntake:
    """Readings of one import, none of which is there yet.

    The records get their ids and their place in the cache first, so that rules and addons see them as they see drafts.
    """

    def __init__(self, model):
        self.model = model
        self.env = model.env
        self.columns = [
            field
            for field in model._fields.values()
            if field.store and field.column_type and field.name not in ("id", *LOGGED)
        ]

    @classmethod
    def is_possible(cls, model, vals_list):
        """Whether nothing that hangs on a new reading would be passed over.

        An addon that overrides what is not called here, an automation rule, a constraint in Python, a stored compute or
        a value that is no column sends the batch the long way.
        """
        for part in type(model).__mro__:
            if part is not models.BaseModel and PASSED_OVER & vars(part).keys():
                if vars(part).get("_module") not in UNDERSTOOD:
                    return False
        if model._constraint_methods:
            return False
        columns = {field.name: field for field in model._fields.values() if field.store and field.column_type}
        if any(field.compute and name not in WORKED_OUT for name, field in columns.items()):
            return False
        return all(columns.keys() >= vals.keys() for vals in vals_list)

    def make(self, vals_list):
        """Judge and store drafts.

        :param vals_list: as for ``create``; column fields only
        :return: the readings, in that order
        """
        if not vals_list:
            return self.model.browse()
        stored = self._complete(vals_list)
        readings = self.model.browse(next_ids(self.env.cr, self.model._table, len(stored)))
        self._remember(readings, stored)
        book = IncomingHistory(readings)
        outcomes = readings._judge(book)
        unsure = self._conclude(readings, book, outcomes, stored)
        self._insert(readings, stored)
        self._announce(readings)
        readings._create_findings(outcomes)
        unsure._refresh_consumption()
        return readings

    def _complete(self, vals_list):
        """Values of all columns of each reading, as ``create`` would store them."""
        names = [field.name for field in self.columns]
        defaults = self.model.default_get([name for name in names if name not in WORKED_OUT])
        filled = self.model._add_places([{**defaults, **vals} for vals in vals_list])
        meters = self.env["pwik.meter"].browse([vals["meter_id"] for vals in filled])
        for vals, meter in zip(filled, meters, strict=True):
            vals["company_id"] = meter.company_id.id
        return filled

    def _remember(self, readings, stored):
        """Put the drafts into the cache, where nothing was before: the ids are new."""
        for field in self.columns:
            name = field.name
            field._insert_cache(
                readings,
                [
                    field.convert_to_cache(vals[name], readings) if vals.get(name) is not None else None
                    for vals in stored
                ],
            )

    def _conclude(self, readings, book, outcomes, stored):
        """Add what follows from the findings to the values.

        :return: readings whose consumption, or the next one's, only the database can tell
        """
        unsure = self.model.browse()
        for record, vals in zip(readings, stored, strict=True):
            vals.update(record._prepare_outcome(outcomes[record]))
            known, vals["consumption"] = self._get_consumption(book, record, vals["rollover"])
            if not known:
                unsure += record
        return unsure

    def _get_consumption(self, book, record, rolled_over):
        """:return: ``(whether it is known, m³ or None)``; as ``_refresh_consumption`` does it in SQL"""
        installation = record.installation_id.id
        if not installation:
            return True, None
        values = book.values[record.meter_id.id, record.register]
        before = after = None
        for where, past in values:
            if where != installation:
                continue
            if past.moment < record.moment:
                before = past
            elif past.moment > record.moment:
                after = past
        if rolled_over or after or before is None and len(values) >= DEPTH:
            return False, None
        before = before or book.starts.get(installation)
        if before is None:
            return True, None
        return True, to_decimal(record.value) - before.value

    def _insert(self, readings, stored):
        """One row each, once; the cache learns what became of the drafts."""
        finals = [field for field in self.columns if field.name in OUTCOME]
        readings.invalidate_recordset([field.name for field in finals], flush=False)
        self._remember_finals(readings, finals, stored)
        now, user = self.env.cr.now(), self.env.uid
        given = [field for field in self.columns if any(vals.get(field.name) is not None for vals in stored)]
        columns = [field.name for field in given]
        copy_rows(
            self.env.cr,
            self.model._table,
            ["id", *columns, *LOGGED],
            (
                (reading_id, *self._get_row(given, vals), user, now, user, now)
                for reading_id, vals in zip(readings._ids, stored, strict=True)
            ),
        )

    def _remember_finals(self, readings, finals, stored):
        for field in finals:
            field._insert_cache(
                readings, [field.convert_to_cache(vals[field.name], readings) for vals in stored]
            )

    def _get_row(self, given, vals):
        row = []
        for field in given:
            value = vals.get(field.name)
            row.append(None if value is None else field.convert_to_column_insert(value, self.model, vals))
        return row

    def _announce(self, readings):
        """Lists of readings and values that depend on readings are wrong in the cache now."""
        for field in self.columns:
            for inverse in self.env.registry.field_inverses[field]:
                owners = readings[field.name]
                owners.invalidate_recordset([inverse.name], flush=False)
        computed = [field for field in self.columns if field.compute]
        with self.env.protecting(computed, readings):
            readings.modified([field.name for field in self.columns], create=True)
