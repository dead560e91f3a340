"""Use of water by month: the chart, the same as a table, the same as a file."""

import csv
import io
import json

from odoo.http import request, route
from odoo.tools import format_date

from .main import EbokPortal


class EbokConsumption(EbokPortal):
    def _ebok_use(self, meters):
        """What the template ``pwik_ebok.use_chart`` shows of meters found with the user's rights; empty where nothing is known.

        :return: ``{"months": [dict], "chart": JSON text, "average": m³ of a whole month or None}``
        """
        months = [self._ebok_month(month) for month in meters._get_ebok_months()] if meters else []
        if not months:
            return {}
        whole = [month["m3"] for month in months if month["whole"]]
        return {
            "months": months,
            "chart": json.dumps(self._ebok_chart(months)),
            "average": sum(whole) / len(whole) if whole else None,
        }

    def _ebok_month(self, month):
        """A month in the words of the page."""
        notes = []
        if month.m3 is not None and not month.whole:
            notes.append(request.env._("part of the month"))
        if month.estimated:
            notes.append(request.env._("estimated"))
        if month.estimated_before:
            notes.append(request.env._("a year before estimated"))
        if "exchange" in month.marks:
            notes.append(request.env._("meter exchange"))
        if "leak" in month.marks:
            notes.append(request.env._("possible leak"))
        return {
            "first": month.first,
            "label": format_date(request.env, month.first, date_format="LLL yyyy"),
            "m3": None if month.m3 is None else float(month.m3),
            "before": None if month.before is None else float(month.before),
            "estimated": month.estimated,
            "estimated_before": month.estimated_before,
            "whole": month.whole,
            "marks": month.marks,
            "notes": ", ".join(notes),
        }

    def _ebok_chart(self, months):
        return {
            "labels": [month["label"] for month in months],
            "use": [month["m3"] for month in months],
            "before": [month["before"] for month in months],
            "estimated": [month["estimated"] for month in months],
            "estimatedBefore": [month["estimated_before"] for month in months],
            "exchange": ["exchange" in month["marks"] for month in months],
            "leak": ["leak" in month["marks"] for month in months],
            "texts": {
                "use": request.env._("Use"),
                "before": request.env._("A year before"),
                "estimated": request.env._("hatched: estimated"),
                "exchange": request.env._("Meter exchange"),
                "leak": request.env._("Possible leak"),
            },
        }

    @route(
        "/my/meters/<int:meter_id>/months.csv",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def months_csv(self, meter_id, **kw):
        meter = self._ebok_find("pwik.meter", meter_id)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";")
        writer.writerow(
            [
                request.env._("Month"),
                request.env._("Use [m³]"),
                request.env._("A year before [m³]"),
                request.env._("Remarks"),
            ]
        )
        for month in self._ebok_use(meter).get("months", ()):
            numbers = [
                "" if value is None else f"{value:.3f}".replace(".", ",")
                for value in (month["m3"], month["before"])
            ]
            writer.writerow([f"{month['first']:%Y-%m}", *numbers, month["notes"]])
        return self._ebok_download(
            ("\ufeff" + out.getvalue()).encode(), f"zuzycie_{meter.serial}.csv", "text/csv; charset=utf-8"
        )
