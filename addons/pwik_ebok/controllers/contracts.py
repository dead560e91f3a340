"""Module 3, Umowy: contracts, readings of a meter, submission of a reading."""

import csv
import io
from itertools import pairwise

from odoo import fields
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.fields import Domain
from odoo.http import request, route
from werkzeug.exceptions import NotFound

from .consumption import EbokConsumption
from .main import to_pattern, to_words

#: Contracts or meters on a page, and beside how many of them a box for searching stands.
A_PAGE, MANY = 20, 8


class EbokContracts(EbokConsumption):
    @route(
        ["/my/contracts", "/my/contracts/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def contracts(self, page=1, search="", **kw):
        """The contracts, those in force first; a property manager with hundreds finds one by number, address or customer."""
        contracts = request.env["pwik.contract"]
        search, domain = to_words(search), Domain.TRUE
        if search:
            words = to_pattern(search)
            point = "contract_point_ids.service_point_id"
            domain = Domain.OR(
                [(name, "ilike", words)]
                for name in ("number", "partner_id.name", f"{point}.street", f"{point}.city")
            )
        found = contracts.search(domain, order="state, number")
        pager = portal_pager(
            url="/my/contracts", total=len(found), page=page, step=A_PAGE, url_args={"search": search}
        )
        return self._ebok_render(
            "pwik_ebok.portal_contracts",
            "ebok_contracts",
            {
                "contracts": found[pager["offset"] : pager["offset"] + A_PAGE],
                "pager": pager,
                "search": search,
                "is_many": bool(search) or len(found) > MANY,
            },
        )

    @route(
        "/my/contracts/<int:contract_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def contract(self, contract_id, **kw):
        contract = self._ebok_find("pwik.contract", contract_id)
        return self._ebok_render(
            "pwik_ebok.portal_contract",
            "ebok_contract",
            {
                "contract": contract,
                "installations": self._ebok_installations(contract),
                "prices": contract._get_ebok_prices() if contract.state == "active" else None,
                "currency": request.env.company.currency_id,
                "invoices": request.env["account.move"].search(
                    [("pwik_contract_id", "=", contract.id)],
                    order="invoice_date desc, id desc",
                    limit=12,
                ),
            },
        )

    def _ebok_installations(self, contract):
        """Installations at the contract's points while it ran, the present ones first."""
        return request.env["pwik.meter.installation"].search(
            [("service_point_id", "in", contract.contract_point_ids.service_point_id.ids)],
            order="date_to desc, date_from desc",
        )

    def _ebok_known_meters(self):
        """One installation of each meter that the user may know, of past contracts and exchanged ones too; present first."""
        points = request.env["pwik.contract"].search([]).contract_point_ids.service_point_id
        installations = request.env["pwik.meter.installation"].search(
            [("service_point_id", "in", points.ids)], order="date_to desc, date_from desc, id desc"
        )
        latest = {}
        for installation in installations:
            latest.setdefault(installation.meter_id.id, installation)
        return (
            request.env["pwik.meter.installation"]
            .union(*latest.values())
            .sorted(lambda i: (bool(i.date_to), i.service_point_id.street or "", i.meter_kind))
        )

    @route(
        ["/my/readings", "/my/readings/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def meters(self, page=1, search="", **kw):
        return self._ebok_meter_choice("ebok_meters", "/my/readings", page, search)

    @route(
        ["/my/reading", "/my/reading/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def submit_choice(self, page=1, search="", **kw):
        return self._ebok_meter_choice("ebok_submit", "/my/reading", page, search)

    def _ebok_meter_choice(self, page_name, url, page, search):
        """With one meter there is nothing to choose; of hundreds one is found by its number or address."""
        target = "submit" if page_name == "ebok_submit" else "readings"
        known = self._ebok_current_meters() if target == "submit" else self._ebok_known_meters()
        if len(known) == 1:
            return request.redirect(f"/my/meters/{known.meter_id.id}/{target}")
        search = to_words(search)
        words = search.casefold()
        found = known.filtered(
            lambda one: (
                words in one.meter_id.serial.casefold()
                or words in f"{one.service_point_id.street}, {one.service_point_id.city}".casefold()
            )
        )
        pager = portal_pager(url=url, total=len(found), page=page, step=A_PAGE, url_args={"search": search})
        return self._ebok_render(
            "pwik_ebok.portal_meters",
            page_name,
            {
                "installations": found[pager["offset"] : pager["offset"] + A_PAGE],
                "target": target,
                "pager": pager,
                "search": search,
                "url": url,
                "is_many": bool(search) or len(known) > MANY,
            },
        )

    def _ebok_readings(self, meter):
        """Readings of a meter, newest first, each with the use since the one before it, where that one is the user's too."""
        readings = request.env["pwik.reading"].search(
            [("meter_id", "=", meter.id), ("superseded", "=", False)],
            order="moment desc, id desc",
            limit=240,
        )
        # The readings are the user's by the rule above. Their use counts from the one before, maybe another customer's.
        known = readings.sudo()
        accepted = known.filtered(lambda reading: reading.state == "accepted")
        hidden = [later for later, before in pairwise(accepted) if later.contract_id != before.contract_id]
        if accepted and not self._ebok_began_here(accepted[-1]):
            hidden.append(accepted[-1])
        return [
            {"reading": reading, "consumption": None if own in hidden else own.consumption}
            for reading, own in zip(readings, known, strict=True)
        ]

    def _ebok_began_here(self, reading):
        """Whether the use of the oldest reading shown began within its contract: the meter was installed in its time."""
        point = reading.contract_id.contract_point_ids.filtered(
            lambda line: line.service_point_id == reading.service_point_id and line.date_from <= reading.date
        )
        before = reading.search_count(
            [
                ("meter_id", "=", reading.meter_id.id),
                ("state", "=", "accepted"),
                ("superseded", "=", False),
                ("moment", "<", reading.moment),
            ],
            limit=1,
        )
        return not before and any(line.date_from <= reading.installation_id.date_from for line in point)

    @route(
        "/my/meters/<int:meter_id>/readings",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def readings(self, meter_id, **kw):
        meter = self._ebok_find("pwik.meter", meter_id)
        rows = self._ebok_readings(meter)
        return self._ebok_render(
            "pwik_ebok.portal_readings",
            "ebok_readings",
            {"meter": meter, "rows": rows, "use": self._ebok_use(meter)},
        )

    @route(
        "/my/meters/<int:meter_id>/readings.csv",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def readings_csv(self, meter_id, **kw):
        meter = self._ebok_find("pwik.meter", meter_id)
        labels = {
            name: dict(request.env["pwik.reading"]._fields[name]._description_selection(request.env))
            for name in ("source", "state")
        }
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";")
        writer.writerow(
            [
                request.env._("Date"),
                request.env._("Reading [m³]"),
                request.env._("Use [m³]"),
                request.env._("Source"),
                request.env._("Status"),
            ]
        )
        for row in self._ebok_readings(meter):
            reading = row["reading"]
            writer.writerow(
                [
                    reading.date,
                    f"{reading.value:.3f}".replace(".", ","),
                    f"{row['consumption']:.3f}".replace(".", ",") if row["consumption"] is not None else "",
                    labels["source"][reading.source],
                    labels["state"][reading.state],
                ]
            )
        return self._ebok_download(
            ("\ufeff" + out.getvalue()).encode(),
            f"odczyty_{meter.serial}.csv",
            "text/csv; charset=utf-8",
            meter,
        )

    @route(
        "/my/meters/<int:meter_id>/submit",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def submit_form(self, meter_id, **kw):
        meter = self._ebok_find("pwik.meter", meter_id)
        return self._render_submission(
            meter, {"reading_date": str(fields.Date.context_today(request.env.user))}
        )

    @route(
        "/my/meters/<int:meter_id>/submit",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        max_content_length=12 * 1024 * 1024,
    )
    def submit(self, meter_id, **post):
        """First the plain mistakes, then "is it really 82 m³?", then a case that the office or its rules accept."""
        meter = self._ebok_find("pwik.meter", meter_id)
        form = self._ebok_pick(
            {name: value for name, value in post.items() if isinstance(value, str)},
            ("reading_value", "reading_date", "description", "confirmed"),
        )
        photo = request.httprequest.files.get("photo")
        contract = meter.installation_id.service_point_id.contract_id
        if not contract:
            raise NotFound()
        case, errors = request.env["pwik.case"]._submit_from_ebok(
            "reading",
            form,
            contract.partner_id,
            contract=contract,
            meter=meter,
            # A yes counts for the value that was asked about, not for another one typed afterwards.
            confirmed=form["confirmed"] == form["reading_value"],
            photo=(photo.filename, photo.read()) if photo and photo.filename else None,
        )
        if errors:
            return self._render_submission(meter, form, errors)
        return request.redirect(f"/my/cases/{case.id}?new=1")

    def _render_submission(self, meter, form, errors=None):
        errors = dict(errors or {})
        warning = errors.pop("confirm", None)
        last = request.env["pwik.reading"].search(
            [("meter_id", "=", meter.id), ("state", "=", "accepted"), ("superseded", "=", False)],
            limit=1,
        )
        return self._ebok_render(
            "pwik_ebok.portal_submission",
            "ebok_submission",
            {
                "meter": meter,
                "form": form,
                "errors": errors,
                "warning": warning,
                "last": last,
                "today": fields.Date.context_today(request.env.user),
            },
            status=422 if warning else self._ebok_status(errors),
        )
