"""B12: cells that a spreadsheet would compute."""

import base64
import csv
import io
import json
import zipfile
from urllib.parse import urlencode

import openpyxl

from tests.proof.portal import routes
from tests.proof.registry import proof

STARTS = ("=", "+", "-", "@", "\t", "\r")
PAYLOAD = '{}HYPERLINK("http://evil.example","x")'
#: Lists that the office exports, each by a field that somebody outside chooses, and how it is grouped.
LISTS = (
    ("res.partner", "name", "company_id"),
    ("pwik.case", "name", "type_id"),
    ("pwik.reading.route", "name", "company_id"),
)
#: Every address that gives a table. One that is not known here has nobody who tried it.
WORDS = ("export", "csv", "xls")
KNOWN = {
    "/web/export/csv",
    "/web/export/formats",  # names of formats
    "/web/export/get_fields",  # names of fields
    "/web/export/namelist",  # names of fields
    "/web/export/xlsx",
    "/web/pivot/export_xlsx",
    "/product/export/pricelist/",
    "/my/balance.csv",  # guarded: pwik_ebok/tests/test_balance_csv.py
    "/my/meters/<int:meter_id>/months.csv",  # days, numbers and our own words
    "/my/meters/<int:meter_id>/readings.csv",  # likewise
}


def live(value) -> bool:
    """Whether a spreadsheet would compute this cell of a CSV file."""
    return isinstance(value, str) and value.startswith(STARTS)


def payloads() -> list[str]:
    return [PAYLOAD.format(start) for start in STARTS]


@proof("B12", "cells that begin a formula, in every export", small=1, full=1)
def formula_cells(stage, tally, _count):
    stage.world("portal:play")
    files = stage.make("b12_exports:make_evil")
    there = {
        route["rule"]
        for route in stage.make("b12_exports:all_routes")
        if any(word in route["rule"].lower() for word in WORDS)
    }
    tally.check(there == KNOWN, f"exports that nobody tries, or that are gone: {there ^ KNOWN}")
    with stage.serve(crons=0):
        office = stage.client("biuro")
        token = office.token("/web/login") or office.token("/my")
        for model, field, group in LISTS:
            for form, groups in (("csv", []), ("xlsx", []), ("xlsx", [group])):
                content = export(office, token, form, model, field, groups)
                count(tally, f"{model} {form} {groups}", form, content, len(STARTS))
        for form in ("csv", "xlsx"):
            count(tally, f"price list {form}", form, price_list(office, form), len(STARTS))
        count(tally, "pivot table", "xlsx", pivot(office, token), 4 * len(STARTS))
    for name, content in files.items():
        content = base64.b64decode(content)
        count(tally, name, name.rpartition(".")[2], content, len(STARTS))


def count(tally, what, form, content, least):
    """One try for the file, which has to hold the payloads, and one for each cell that holds one."""
    cells = cells_of(form, content)
    tally.check(len(cells) >= least, f"{what}: {len(cells)} cells")
    for cell, computed in cells:
        tally.check(not computed, f"{what}: {cell!r}")


def export(office, token, form, model, field, groups) -> bytes:
    ids = office.call(model, "search", [[field, "like", "HYPERLINK"]])
    body = {
        "model": model,
        "fields": [{"name": field, "label": "Nazwa", "store": True, "type": "char"}],
        "ids": ids,
        "domain": [["id", "in", ids]],
        "groupby": groups,
        "import_compat": False,
        "context": {},
    }
    return _posted(office, token, f"/web/export/{form}", body)


def pivot(office, token) -> bytes:
    """What a browser sends for a pivot table whose groups and columns have such names."""
    names = payloads()
    body = {
        "title": "Proof",
        "model": "pwik.case",
        "measure_count": 1,
        "col_group_headers": [[{"title": name, "width": 1, "height": 1} for name in names]],
        "measure_headers": [{"title": name, "is_bold": False} for name in names],
        "rows": [{"title": name, "indent": 0, "values": [{"value": name}]} for name in names],
    }
    return _posted(office, token, "/web/pivot/export_xlsx", body)


def price_list(office, form) -> bytes:
    ids = office.call("product.template", "search", [["name", "like", "HYPERLINK"]])
    body = json.dumps({"active_model": "product.template", "active_ids": ids, "quantities": [1]})
    path = "/product/export/pricelist/?" + urlencode({"report_data": body, "export_format": form})
    answer = office.get(office.url(path), timeout=60)
    return answer.content if answer.status_code == 200 else b""


def _posted(office, token, path, body) -> bytes:
    answer = office.post(office.url(path), data={"data": json.dumps(body), "csrf_token": token}, timeout=60)
    return answer.content if answer.status_code == 200 else b""


def cells_of(form, content):
    """The cells that hold one of our payloads, each with whether a spreadsheet computes it."""
    if not content:
        return []
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            tables = [archive.read(name) for name in archive.namelist() if name.endswith(".csv")]
        return [cell for table in tables for cell in cells_of("csv", table)]
    if form == "csv":
        text = content.decode("utf-8-sig")
        delimiter = ";" if text.split("\n", 1)[0].count(";") else ","
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [(cell, live(cell)) for row in rows for cell in row if "HYPERLINK" in cell]
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        (str(cell.value), cell.data_type == "f")
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value and "HYPERLINK" in str(cell.value)
    ]


# Inside Odoo


def all_routes(env):
    return routes(env)


def make_evil(env):
    """Records named by somebody who hopes that the office exports them.

    Returns the files that the addons write themselves, with such names in: {name: base64}.
    """
    from odoo.addons.pwik_meters.domain.migration import write_csv

    export = env.ref("base.group_allow_export")
    env["res.users"].search([("login", "=", "biuro")]).group_ids += export
    names = payloads()
    env["res.partner"].create([{"name": name} for name in names])
    kind = env["pwik.case.type"]._get_by_code("remark", env.company)
    customer = env["res.partner"].search([("name", "like", "HYPERLINK")], limit=1)
    env["pwik.case"].create(
        [{"type_id": kind.id, "partner_id": customer.id, "name": name, "description": name} for name in names]
    )
    env["product.template"].create([{"name": name} for name in names])
    env["pwik.reading.route"].create([{"name": name, "code": f"EVIL{n}"} for n, name in enumerate(names)])
    files = {
        "rows that a migration refused.csv": write_csv(names, [names]),
        "copy of a customer's data.zip": customer._pwik_make_data_copy()[0],
    }
    return {name: base64.b64encode(content).decode() for name, content in files.items()}
