"""Writes the demo data of the addons from `tests/demo/world.py`: ``python -m tests.demo.build`` from the root.

CSV files in an addon's ``demo/`` folder are named after their model, as Odoo loads them.
"""

import csv
import datetime
import io
import pathlib

from . import tour, world

ADDONS = pathlib.Path(__file__).resolve().parents[2] / "addons"
CONTRACT_START = datetime.date(2019, 5, 1)


def _xmlid(record: str) -> str:
    return f"pwik_meters.{record}"


def municipality_rows():
    for key, code, name, _ in world.MUNICIPALITIES:
        yield {"id": f"municipality_{key}", "name": name, "code": code}


def partner_rows():
    for c in [*world.customers(), world.FORMER]:
        yield {
            "id": c.xmlid,
            "name": c.name,
            "street": c.street,
            "zip": c.zip,
            "city": c.city,
            "country_id:id": "base.pl",
            "email": c.email,
            "phone": c.phone,
            "is_company": c.is_company,
            "vat": c.vat,
            "lang": "pl_PL",
        }


def route_rows():
    yield {
        "id": "route_city",
        "name": "Częstochowa, Kasztanowa i okolice",
        "code": "T-01",
        "municipality_id:id": "municipality_czestochowa",
    }
    yield {"id": "route_district", "name": "Gminy okręgu", "code": "T-02", "municipality_id:id": ""}


def point_rows():
    for p in world.places():
        yield {
            "id": p.xmlid,
            "street": p.street,
            "zip": p.zip,
            "city": p.city,
            "municipality_id:id": f"municipality_{p.municipality}",
            "route_id:id": p.route,
            "route_sequence": p.sequence,
        }


def meter_rows():
    for m in world.all_meters():
        checked = datetime.date(m.year, 9, 15)
        yield {
            "id": m.xmlid,
            "serial": m.serial,
            "manufacturer": m.manufacturer,
            "meter_kind": m.kind,
            "q3": m.q3,
            "dn": m.dn,
            "register_digits": m.digits,
            "year": m.year,
            "legalization_date": checked,
            "legalization_valid_until": checked.replace(year=checked.year + 5),
            "state": "installed",
        }


def installation_rows():
    for p in world.places():
        for m in p.meters:
            yield {
                "id": m.xmlid.replace("meter", "installation"),
                "meter_id:id": m.xmlid,
                "service_point_id:id": p.xmlid,
                "date_from": world.HISTORY[0],
                "start_value": m.values[0],
            }


def contract_rows():
    moved_in = world.FORMER_LEFT + datetime.timedelta(days=1)
    for number, p in enumerate(world.places()):
        yield {
            "id": p.xmlid.replace("point", "contract"),
            "number": f"U/2019/{number + 1:06d}",
            "partner_id:id": p.partner,
            "date_start": moved_in if number == world.FORMER_PLACE else CONTRACT_START,
            "date_end": "",
            "state": "active",
            "service_water": True,
            "service_sewage": p.sewage,
            "billing_cycle": "quarter",
        }
    yield {
        "id": "contract_former",
        "number": "U/2019/000099",
        "partner_id:id": world.FORMER.xmlid,
        "date_start": CONTRACT_START,
        "date_end": world.FORMER_LEFT,
        "state": "terminated",
        "service_water": True,
        "service_sewage": True,
        "billing_cycle": "quarter",
    }


def contract_point_rows():
    for p in world.places():
        yield {
            "id": p.xmlid.replace("point", "contract_point"),
            "contract_id:id": p.xmlid.replace("point", "contract"),
            "service_point_id:id": p.xmlid,
        }
    yield {
        "id": "contract_point_former",
        "contract_id:id": "contract_former",
        "service_point_id:id": world.places()[world.FORMER_PLACE].xmlid,
    }


def reading_rows():
    for meter in world.places()[world.FORMER_PLACE].meters:
        moved_in = world.FORMER_LEFT + datetime.timedelta(days=1)
        yield {
            "id": f"{meter.xmlid.replace('meter', 'reading')}_opening",
            "meter_id:id": meter.xmlid,
            "moment": f"{moved_in} 06:00:00",
            "value": meter.values[world.HISTORY.index(world.FORMER_LEFT)],
            "source": "manual",
            "state": "accepted",
        }
    for m in world.all_meters():
        for number, (day, value) in enumerate(zip(world.HISTORY, m.values, strict=True)):
            yield {
                "id": f"{m.xmlid.replace('meter', 'reading')}_{day:%Y%m%d}",
                "meter_id:id": m.xmlid,
                "moment": f"{day} 09:00:00",
                "value": value,
                "source": "manual" if number else "exchange",
                "state": "accepted",
            }


# What stands on the overlay, by encoding; its battery is made for so many years.
OVERLAY_MODELS = {
    "oms5": "IZAR RC 868",
    "na1": "AT-WMBUS-NA-1",
    "apator162": "AT-WMBUS-16-2",
    "kamstrup": "MULTICAL 21",
}
BATTERY_YEARS = 8


def module_rows():
    for m in world.all_meters():
        o = m.overlay
        yield {
            "id": o.xmlid,
            "manufacturer": o.manufacturer,
            "serial": o.serial,
            "version": f"{o.version:02X}",
            "medium": f"{o.medium:02X}",
            "model": OVERLAY_MODELS[o.family],
            "battery_until": datetime.date(m.year + BATTERY_YEARS, 9, 15),
        }


def assignment_rows():
    for m in world.all_meters():
        yield {
            "id": m.overlay.xmlid.replace("module", "assignment"),
            "module_id:id": m.overlay.xmlid,
            "meter_id:id": _xmlid(m.xmlid),
            "date_from": f"{world.HISTORY[0]} 08:00:00",
        }


def by_hand_rows():
    """What the reader reads of the meters whose overlays were not heard on the tour of October."""
    for index in sorted(world.READ_BY_HAND):
        meter = world.all_meters()[index]
        yield {
            "meter": _xmlid(meter.xmlid),
            "moment": f"{world.TOUR_DAY} 14:30:00",
            "value": meter.tour_value,
        }


def contract_group_rows():
    for p in world.places():
        yield {
            "id": _xmlid(p.xmlid.replace("point", "contract")),
            "tariff_group_water_id:id": "tariff_group_water_1" if p.group == "I" else "tariff_group_water_2",
            "tariff_group_sewage_id:id": "tariff_group_sewage_1"
            if p.group == "I"
            else "tariff_group_sewage_2",
        }


FILES = {
    "pwik_meters/demo/pwik.municipality.csv": municipality_rows,
    "pwik_meters/demo/res.partner.csv": partner_rows,
    "pwik_meters/demo/pwik.reading.route.csv": route_rows,
    "pwik_meters/demo/pwik.service.point.csv": point_rows,
    "pwik_meters/demo/pwik.meter.csv": meter_rows,
    "pwik_meters/demo/pwik.meter.installation.csv": installation_rows,
    "pwik_meters/demo/pwik.contract.csv": contract_rows,
    "pwik_meters/demo/pwik.contract.point.csv": contract_point_rows,
    "pwik_meters/demo/pwik.reading.csv": reading_rows,
    "pwik_radio_reading/demo/pwik.radio.module.csv": module_rows,
    "pwik_radio_reading/demo/pwik.radio.module.assignment.csv": assignment_rows,
    "pwik_radio_reading/demo/by_hand_2026_09_30.csv": by_hand_rows,
    "pwik_billing/demo/pwik.contract.csv": contract_group_rows,
}


def render(rows) -> str:
    """CSV text of the rows; the columns are those of the first one."""
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def contents() -> dict[str, str]:
    """Every generated demo file: path below ``addons/`` and its text."""
    made = {path: render(rows()) for path, rows in FILES.items()}
    made["pwik_radio_reading/demo/keys.csv"] = tour.keys_csv()
    for one in (tour.SEPTEMBER, tour.OCTOBER):
        made[f"pwik_radio_reading/demo/tour_{one.at(1, 0, 0):%Y_%m_%d}.jsonl"] = tour.dump(one)
    return made


def main():
    for path, text in contents().items():
        target = ADDONS / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(path, text.count("\n"), "lines")


if __name__ == "__main__":
    main()
