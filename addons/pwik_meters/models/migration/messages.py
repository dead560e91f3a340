"""Sentences for what the domain found, in the language of who looks."""

from odoo.tools import format_date


def _get_templates(env):
    """Translated ``%``-templates by the problem's code."""
    return {
        "missing": env._("is empty, but required."),
        "number": env._("“%(value)s” is not a number."),
        "integer": env._("“%(value)s” is not a whole number."),
        "places": env._("“%(value)s” has more than %(places)s decimals."),
        "range": env._("%(value)s is not between %(least)s and %(most)s."),
        "more_than": env._("%(value)s is not more than %(least)s."),
        "day": env._("“%(value)s” is not a date. Write it as 2024-01-31 or 31.01.2024."),
        "moment": env._("“%(value)s” is not a date with a time. Write it as 2024-01-31 14:05."),
        "future": env._("%(day)s lies in the future."),
        "choice": env._("“%(value)s” is none of: %(choices)s."),
        "boolean": env._("“%(value)s” is neither yes nor no."),
        "email": env._("“%(value)s” is not an e-mail address."),
        "postal_code": env._("“%(value)s” is not a postal code (00-000)."),
        "nip": env._("“%(value)s” is not a NIP: ten digits with a right check digit."),
        "empty_list": env._("“%(value)s” names nothing."),
        "too_long": env._("the text is longer than %(longest)s characters."),
        "control": env._("the text holds control characters."),
        "formula": env._("holds a formula. Paste it as a value."),
        "error_value": env._("holds an error of the spreadsheet: %(value)s."),
        "merged": env._("Cells %(cells)s are merged. Split them and fill in each row."),
        "extra_cells": env._(
            "The row has more cells than the header (%(count)s). Is a separator inside a value?"
        ),
        "no_key": env._("The row has no key."),
        "key_twice": env._("The same key stands in row %(row)s already."),
        "twice": env._("The same %(columns)s stand in row %(row)s already."),
        "exists": env._("The same %(columns)s are in the register already: %(record)s."),
        "own_parent": env._("a point cannot lie behind itself."),
        "circle": env._("the points lie behind each other in a circle."),
        "parent_bad": env._("“%(value)s” is refused or unknown, so this row cannot go in."),
        "ambiguous": env._("“%(value)s” stands for several records. Use the key of the previous system."),
        "order": env._("%(second)s lies before %(first)s."),
        "no_service": env._("a contract covers water, sewage or both."),
        "capacity": env._("%(value)s is more than a register of %(digits)s digits shows."),
        "not_installed": env._("on %(day)s the meter was installed nowhere."),
        "reading_exists": env._(
            "the meter has a reading of this source at this moment already: %(value)s m³."
        ),
        "backwards": env._(
            "the counter goes back: %(value)s m³ after %(previous)s m³. Mark a rollover or correct it."
        ),
        "scrapped": env._("meter %(value)s is scrapped."),
        "meter_taken": env._("the meter stands somewhere in that time already (%(where)s)."),
        "point_taken": env._("the point has a meter of this kind in that time already (%(where)s)."),
        "contract_taken": env._("a point has a contract in that time already (%(where)s)."),
        "changed": env._("was imported as “%(old)s”, now it is “%(new)s”; the register was not changed."),
        "refused": env._("The register refused the row: %(text)s"),
    }


def _get_unknown(env, reference, value):
    sentences = {
        "customers": env._("there is no customer “%s”. Import the customers first."),
        "points": env._("there is no service point “%s”. Import the points first."),
        "meters": env._("there is no meter “%s”. Import the meters first."),
        "contracts": env._("there is no contract “%s”. Import the contracts first."),
        "municipalities": env._("there is no municipality with the code “%s”. Set it up first."),
        "routes": env._("there is no reading route with the code “%s”. Set it up first."),
    }
    return sentences.get(reference, env._("“%s” is unknown.")) % value


def get_message(row, problem):
    """Sentence for a packed Problem of ``row``."""
    env, code, params = row.env, problem["code"], dict(problem.get("params") or {})
    migration = row.migration_id
    kind = migration._get_kind()
    for name, value in params.items():
        if isinstance(value, dict) and "day" in value:
            params[name] = format_date(env, value["day"])
        elif isinstance(value, dict) and "row" in value:
            params[name] = env._("row %s of this file", value["row"])
    if "columns" in params:
        params["columns"] = ", ".join(migration._get_column_label(kind, name) for name in params["columns"])
    if code == "unknown":
        sentence = _get_unknown(env, params["reference"], params["value"])
    else:
        template = _get_templates(env).get(code) or migration._get_more_messages().get(code)
        sentence = template % params if template else code
    if not problem.get("column"):
        return sentence
    return env._(
        "Column “%(column)s”: %(sentence)s",
        column=migration._get_column_label(kind, problem["column"]),
        sentence=sentence,
    )


def get_file_message(migration, error):
    """Sentence for a FileError."""
    env, params = migration.env, dict(error.params)
    kind = migration._get_kind()
    if "columns" in params:
        params["columns"] = ", ".join(migration._get_column_label(kind, name) for name in params["columns"])
    if "column" in params:
        params["column"] = migration._get_column_label(kind, params["column"])
    templates = {
        "empty": env._("The file is empty."),
        "damaged": env._("The file is damaged from row %(row)s on."),
        "encoding": env._("The file is neither text in UTF-8 or CP1250 nor a workbook (XLSX)."),
        "old_excel": env._("This is an old Excel file (XLS). Save it as XLSX or CSV."),
        "too_big": env._("The workbook is too large unpacked. Split it, or save it as CSV."),
        "merged_everywhere": env._("The sheet has too many merged cells. Split them."),
        "header_bad": env._("The header holds formulas or merged cells. Write plain titles into row 1."),
        "header_missing": env._(
            "The file has no column: %(columns)s. Download the template to see the titles."
        ),
        "archive_damaged": env._("The file with the documents is no readable ZIP. Pack it again."),
        "archive_big": env._("The ZIP holds more than %(most)s files. Split the table and its documents."),
        "header_twice": env._("The column “%(column)s” stands in the file twice."),
    }
    return templates[error.code] % params
