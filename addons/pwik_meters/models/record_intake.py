"""New records of one model written by COPY, as ``create`` would store them: for thousands that come in at once.

Not a model. What costs Odoo's ``create`` its time is done once for all records instead of once for each: defaults, the row
itself, the cache of each record. What follows from the values is Odoo's: its constraints, its inverse methods and its
computed fields are called with all records together; only those are left out whose values the caller gives.
"""

from odoo import models
from odoo.fields import Command
from psycopg2.extras import Json

from ..tools.copying import copy_columns, next_ids
from .reading_intake import LOGGED, get_columns


def create_at_once(model, vals_list, understood, worked_out=()):
    """Records as of ``model.create``.

    :param vals_list: values of columns, with what the model's own ``create`` adds; ``id`` may be among them (:func:`next_ids`)
    :param understood: addons whose part in ``create`` of this model the caller has done
    :param worked_out: computed fields in ``vals_list`` which have the values that Odoo would compute
    :return: the records, in the order of ``vals_list``
    :raises psycopg2.Error: whatever an INSERT would raise
    :raises ValidationError: of a constraint in Python
    """
    if not vals_list:
        return model.browse()
    defaults = model.default_get(list(model._fields))
    if not _is_possible(model, vals_list, defaults, understood):
        theirs = {"id", *worked_out}
        return model.create(
            [{name: value for name, value in vals.items() if name not in theirs} for vals in vals_list]
        )
    ids = [vals.get("id") for vals in vals_list]
    if not all(ids):
        ids = next_ids(model.env.cr, model._table, len(vals_list))
    given = _insert(model, ids, vals_list, defaults)
    records = model.browse(ids)
    _follow(records, given, [name for name in given if any(name in vals for vals in vals_list)], worked_out)
    return records


def _is_possible(model, vals_list, defaults, understood):
    """Whether nothing is passed over: an addon that has its own part in ``create``, a value that is no column."""
    for part in type(model).__mro__:
        # an automation rule puts its own on the model, which has no addon
        if part is not models.BaseModel and "create" in vars(part):
            if vars(part).get("_module") not in understood | {"base"}:
                return False
    if model._inherits or model._parent_store:
        return False
    columns = get_columns(model)
    some, every = set().union(*vals_list), set(vals_list[0]).intersection(*vals_list)
    for name, field in columns.items():
        # Odoo decides record by record whether it computes one; a row that lacks a required one would not go in
        if (
            field.compute
            and name in some - every
            or field.precompute
            and field.required
            and name not in every
        ):
            return False
    stray = {
        name
        for name, value in defaults.items()
        if value and value != [Command.set([])] and model._fields[name].store
    }
    return columns.keys() >= stray | some - {"id"}


def _insert(model, ids, vals_list, defaults):
    """One row each.

    :return: names of the columns that have a value
    """
    now, user = model.env.cr.now(), model.env.uid
    brought = set().union(*vals_list)
    columns = {"id": ids}
    for name, field in get_columns(model).items():
        if name in brought:
            default = defaults.get(name)
            columns[name] = [_convert(field, vals.get(name, default), model) for vals in vals_list]
        elif name in defaults:
            columns[name] = [_convert(field, defaults[name], model)] * len(ids)
    given = [name for name in columns if name != "id"]
    columns |= dict(zip(LOGGED, (user, now, user, now), strict=True))
    copy_columns(model.env.cr, model._table, columns, len(ids))
    return given


def _convert(field, value, model):
    """As Odoo gives it to the database."""
    if value is None:
        return None
    value = field.convert_to_column_insert(value, model)
    return value.adapted if isinstance(value, Json) else value


def _follow(records, given, asked, worked_out):
    """What Odoo does once the rows are there, with its own methods.

    :param given: names of the columns that have a value
    :param asked: those of them that are not mere defaults
    """
    fields, env = records._fields, records.env
    for name in given:
        for inverse in env.registry.field_inverses[fields[name]]:
            env[inverse.model_name].invalidate_model([inverse.name], flush=False)
    kept = {fields[name] for name in given if _is_kept(fields[name])} | {fields[name] for name in worked_out}
    with env.protecting([(kept, records)]):
        # a picture that is not there has no smaller ones
        records.modified([name for name, field in fields.items() if field.type != "binary"], create=True)
        for name in asked:
            if fields[name].inverse:
                fields[name].determine_inverse(records)
    records._validate_fields(given)
    records.check_access("create")


def _is_kept(field):
    """Whether Odoo takes a given value for its own computing."""
    return field.compute and (not field.readonly or field.precompute)
