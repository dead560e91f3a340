"""New readings judged before they are stored, so that each row is written once, complete, by COPY.

Not a model: it lives as long as one batch comes in. What it makes is what ``create`` and validation make, field by field;
no record of it is looked at on the way, because thousands of records cost more than all that is asked of them.
"""

from collections import defaultdict
from datetime import date, datetime
from itertools import chain
from operator import itemgetter

from odoo import models
from odoo.tools import float_round

from ..domain.validation import Past
from ..tools.copying import copy_columns, next_ids, to_array
from .reading_history import DEPTH, Draft, ReadingHistory, to_decimal

# Addons whose own part in ``create`` and ``write`` of a reading is known to do nothing to one that is new and imported.
UNDERSTOOD = frozenset({"base", "mail", "pwik_meters", "pwik_cases"})
# Stored values that are worked out here and not by a compute method.
WORKED_OUT = frozenset({"date", "installation_id", "service_point_id", "contract_id", "company_id"})
# What is looked at on the way, given or not.
READ_HERE = frozenset({"register", "source"})
LOGGED = ("create_uid", "create_date", "write_uid", "write_date")
# Parts of a reading's life that are not called here: whoever extends one is asked the long way.
PASSED_OVER = frozenset({"create", "write", "_validate_batch", "_store_outcomes", "_refresh_consumption"})
# Facts for rules by records, and the same by values: who extends the one must extend the other.
FACTS = ("_prepare_validation_extra", "_prepare_intake_extra")
# Types that COPY writes as they are, by type of field; any other value is asked of the field.
AS_THEY_ARE = {
    "integer": {int, type(None)},
    "many2one": {int, type(None)},
    "datetime": {datetime, type(None)},
    "date": {date, type(None)},
}
NO_TYPE = frozenset()
DIGITS = 3


class IncomingHistory(ReadingHistory):
    """As its base, for readings that are not in the table yet.

    :param drafts: list of Draft
    :param extra: ``{draft id: {name: value}}``, facts for rules of other addons
    :param there: ``{(meter, moment, register): [(reading id, value in m³, source), …]}``, what counts in the table
    """

    def __init__(self, model, drafts, extra, there):
        self.there = there
        self._load(model, drafts, extra)

    def _load_same_moment(self):
        self.same = defaultdict(list)
        keys = defaultdict(list)
        for draft in self.drafts.values():
            keys[draft.meter_id, draft.register, draft.moment].append(draft)
        for key, drafts in keys.items():
            meter, register, moment = key
            known = self.there.get((meter, moment, register), ())
            if known or len(drafts) > 1:
                self.same[key] = [
                    (other, Past(moment, to_decimal(value), source)) for other, value, source in known
                ] + [(draft.id, Past(moment, draft.value, draft.source)) for draft in drafts]


class ReadingIntake:
    """Readings of one import, none of which is there yet."""

    def __init__(self, model):
        self.model = model
        self.env = model.env
        self.columns = get_columns(model)
        self.constants = {}

    @classmethod
    def is_possible(cls, model, vals_list):
        """Whether nothing that hangs on a new reading would be passed over.

        An addon that overrides what is not called here, an automation rule, a constraint in Python, a stored compute
        (of a reading, or of anything else that adds readings up) or a value that is no column sends the batch the long way.
        """
        for part in type(model).__mro__:
            if part is models.BaseModel:
                continue
            if PASSED_OVER & vars(part).keys() and vars(part).get("_module") not in UNDERSTOOD:
                return False
            if FACTS[0] in vars(part) and FACTS[1] not in vars(part):
                return False
        if model._constraint_methods:
            return False
        columns = get_columns(model)
        if any(field.compute and name not in WORKED_OUT for name, field in columns.items()):
            return False
        if any(field.store for field in get_dependents(model)):
            return False
        return columns.keys() >= set().union(*vals_list)

    def make(self, vals_list, there):
        """Judge and store drafts.

        :param vals_list: as for ``create``; column fields only, moments without a zone; the dicts are added to
        :param there: what counts in the table at these moments, as IncomingHistory takes it
        :return: the values of their columns as stored, and ``id``, in that order
        """
        if not vals_list:
            return []
        stored = self._complete(vals_list)
        ids = next_ids(self.env.cr, self.model._table, len(stored))
        for vals, reading_id in zip(stored, ids, strict=True):
            vals["id"] = reading_id
        drafts = [self._prepare_draft(vals) for vals in stored]
        book = IncomingHistory(self.model, drafts, self.model._prepare_intake_extra(stored), there)
        outcomes = self.model._judge(book)
        unsure = self._conclude(drafts, book, outcomes, stored)
        self._insert(stored)
        self._announce()
        self.model._create_findings(outcomes)
        unsure._refresh_consumption()
        return stored

    def _complete(self, vals_list):
        """Values of all columns of each reading, as ``create`` would store them."""
        given = set().union(*vals_list)
        defaults = self.model.default_get([name for name in self.columns if name not in WORKED_OUT])
        # what no reading brings along is the same in all of them and is looked at once
        self.constants = {
            name: value for name, value in defaults.items() if name not in given and name not in READ_HERE
        }
        own = {name: value for name, value in defaults.items() if name not in self.constants}
        companies = self._get_companies([vals["meter_id"] for vals in vals_list])
        for vals in vals_list:
            for name, value in own.items():
                if name not in vals:
                    vals[name] = value
            vals["company_id"] = companies[vals["meter_id"]]
            value = vals["value"]
            if round(value, DIGITS) != value:  # as written already, nearly always
                vals["value"] = float_round(value, precision_digits=DIGITS)
        self.model._fill_in_places(vals_list)
        return vals_list

    def _get_companies(self, meter_ids):
        self.env["pwik.meter"].flush_model(["company_id"])
        self.env.cr.execute(
            "SELECT id, company_id FROM pwik_meter WHERE id = ANY(%s::int[])", [to_array(set(meter_ids))]
        )
        return dict(self.env.cr.fetchall())

    def _prepare_draft(self, vals):
        return Draft(
            vals["id"],
            vals["meter_id"],
            vals["register"],
            vals["moment"],
            vals["date"],
            to_decimal(vals["value"]),
            vals["source"],
            vals["installation_id"],
            vals["contract_id"],
            vals["company_id"],
        )

    def _conclude(self, drafts, book, outcomes, stored):
        """Add what follows from the findings to the values.

        :return: readings whose consumption, or the next one's, only the database can tell
        """
        unsure = []
        nothing = self.model._prepare_outcome(())
        for draft, vals in zip(drafts, stored, strict=True):
            findings = outcomes[draft.id]
            vals.update(self.model._prepare_outcome(findings) if findings else nothing)
            known, vals["consumption"] = self._get_consumption(book, draft, vals["rollover"])
            if not known:
                unsure.append(draft.id)
        return self.model.browse(unsure)

    def _get_consumption(self, book, draft, rolled_over):
        """:return: ``(whether it is known, m³ or None)``; as ``_refresh_consumption`` does it in SQL"""
        if not draft.installation_id:
            return True, None
        key = draft.meter_id, draft.register
        known = book.values[key]
        values = known.at(draft.installation_id)
        twins = any(other != draft.id for other, _past in book.same.get((*key, draft.moment), ()))
        earlier = values.before(draft.moment)
        before = earlier[-1] if earlier else None
        after = len(values) > len(earlier) and values.first_after(draft.moment)
        if rolled_over or twins or after or before is None and len(known.series) >= DEPTH:
            return False, None
        before = before or book.starts.get(draft.installation_id)
        if before is None:
            return True, None
        return True, draft.value - before.value

    def _insert(self, stored):
        """One row each, once."""
        now, user = self.env.cr.now(), self.env.uid
        brought = dict.fromkeys(chain.from_iterable(stored))
        given = [name for name in self.columns if name in brought]
        get_values = itemgetter("id", *given)
        rows = [get_values(vals if len(vals) == len(brought) else brought | vals) for vals in stored]
        columns = dict(zip(("id", *given), map(list, zip(*rows, strict=True)), strict=True))
        for name, field in self.columns.items():
            columns[name] = self._get_column(field, columns.get(name) or [self.constants.get(name)])
        columns |= dict(zip(LOGGED, (user, now, user, now), strict=True))
        copy_columns(self.env.cr, self.model._table, columns, len(stored))

    def _get_column(self, field, values):
        """Values of a column as the database takes them: a list, or the one that all of them are."""
        first = values[0]
        if len(set(map(id, values))) == 1:
            return None if first is None else field.convert_to_column_insert(first, self.model)
        if field.name in ("value", "consumption"):
            return [None if value is None else f"{value:.{DIGITS}f}" for value in values]
        if set(map(type, values)) <= AS_THEY_ARE.get(field.type, NO_TYPE):
            return values
        return [
            None if value is None else field.convert_to_column_insert(value, self.model) for value in values
        ]

    def _announce(self):
        """Lists of readings and values that depend on readings are wrong in the cache now, whosever they are."""
        inverses = self.env.registry.field_inverses
        lists = chain.from_iterable(inverses[field] for field in self.columns.values())
        for field in {*lists, *get_dependents(self.model)}:
            self.env[field.model_name].invalidate_model([field.name], flush=False)


def get_columns(model):
    """Fields of a model that are columns of its table, but for those that every table has: ``{name: field}``."""
    return {
        name: field
        for name, field in model._fields.items()
        if field.store and field.column_type and name not in ("id", *LOGGED)
    }


def get_dependents(model):
    """Computed fields of other records that a new reading may change.

    Those that come to a reading by a reference to it are not among them: nothing refers to a new one.
    """
    registry = model.env.registry
    found = set()
    for field in get_columns(model).values():
        for step, tree in registry.get_field_trigger_tree(field).items():
            if step.type != "many2one":
                for node in tree.depth_first():
                    found.update(node.root)
    return found
