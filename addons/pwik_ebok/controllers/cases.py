"""Module 4, Sprawy."""

from odoo import fields
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.http import request, route
from werkzeug.exceptions import NotFound

from .main import EbokPortal, to_id, to_pattern, to_words

#: Kinds that have a form of their own: what they ask for is more than a subject and a text.
OWN_FORMS = ("reading", "data_change", "einvoice_consent", "erasure")
SHORTEST_SEARCH = 2
CASE_DOMAINS = {
    "all": [],
    "open": [("state", "in", ("open", "waiting"))],
    "closed": [("state", "not in", ("open", "waiting"))],
}


class EbokCases(EbokPortal):
    _cases_per_page = 20

    @route(
        ["/my/cases", "/my/cases/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def cases(self, page=1, filterby="all", search="", **kw):
        return self._render_cases("ebok_cases", "/my/cases", [], page, filterby, search)

    @route(
        ["/my/cases/readings", "/my/cases/readings/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def case_readings(self, page=1, filterby="all", search="", **kw):
        return self._render_cases(
            "ebok_case_readings",
            "/my/cases/readings",
            [("type_id.code", "=", "reading")],
            page,
            filterby,
            search,
        )

    @route(
        ["/my/cases/changes", "/my/cases/changes/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def case_changes(self, page=1, filterby="all", search="", **kw):
        return self._render_cases(
            "ebok_case_changes",
            "/my/cases/changes",
            [("type_id.code", "=", "data_change")],
            page,
            filterby,
            search,
        )

    def _get_case_filters(self):
        """Words for the filters of the lists, in their order."""
        return {
            "all": request.env._("All"),
            "open": request.env._("Open"),
            "closed": request.env._("Closed"),
        }

    def _get_case_action(self, page_name):
        """What one does on the page, and what it says while nothing is there: ``(address, button, text)``."""
        env = request.env
        if page_name == "ebok_case_readings":
            return "/my/reading", env._("Send a reading"), env._("You have not sent a reading yet.")
        if page_name == "ebok_case_changes":
            nothing = env._("You have not asked for a change of data yet.")
            return "/my/customer/request", env._("Ask for a change"), nothing
        return "/my/cases/new", env._("Send a remark"), env._("You have no case yet.")

    def _render_cases(self, page_name, url, domain, page, filterby, search):
        filters = self._get_case_filters()
        filterby = filterby if filterby in filters else "all"
        domain = domain + CASE_DOMAINS[filterby]
        search = to_words(search)
        if len(search) >= SHORTEST_SEARCH:
            # a word of the subject or of the text, or a part of the number
            words = to_pattern(search)
            domain = [
                *domain,
                *("|", "|", ("number", "ilike", words), ("name", "ilike", words)),
                ("description", "ilike", words),
            ]
        pager = portal_pager(
            url=url,
            total=request.env["pwik.case"].search_count(domain),
            page=page,
            step=self._cases_per_page,
            url_args={"filterby": filterby, "search": search},
        )
        cases = request.env["pwik.case"].search(
            domain,
            order="create_date desc, id desc",
            limit=self._cases_per_page,
            offset=pager["offset"],
        )
        return self._ebok_render(
            "pwik_ebok.portal_cases",
            page_name,
            {
                "cases": cases,
                "pager": pager,
                "filters": filters,
                "filterby": filterby,
                "default_url": url,
                "search": search,
                "action": self._get_case_action(page_name),
            },
        )

    @route("/my/cases/<int:case_id>", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def case(self, case_id, new=None, **kw):
        case = self._ebok_find("pwik.case", case_id)
        return self._ebok_render(
            "pwik_ebok.portal_case",
            "ebok_case",
            {
                "case": case,
                # a payer's case may be about somebody else's contract, whose page is not his
                "open_contract": case.contract_id & request.env.user.sudo().ebok_contract_ids,
                "files": self._ebok_files(case),
                "just_made": new == "1",
                # The case was found with the user's own rights; the code lets him look the state up without signing in.
                "tracking_code": case.sudo().tracking_code if new == "1" else None,
                "object": case,
            },
        )

    def _ebok_files(self, case):
        """What customers sent with the case; files of the office come with its messages only."""
        # The case was found with the user's own rights; a customer has no right on attachments.
        attachments = request.env["ir.attachment"].sudo()
        return attachments.search(
            [
                ("res_model", "=", "pwik.case"),
                ("res_id", "=", case.id),
                ("res_field", "=", False),
                ("create_uid.share", "=", True),
            ],
            order="id",
        )

    @route(
        "/my/cases/<int:case_id>/files/<int:file_id>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def case_file(self, case_id, file_id, **kw):
        file = self._ebok_files(self._ebok_find("pwik.case", case_id)).filtered(lambda one: one.id == file_id)
        if not file:
            raise NotFound()
        return self._ebok_download(
            file.raw, file.name, file.mimetype, request.env["pwik.case"].browse(case_id)
        )

    def _ebok_kinds(self):
        """Kinds of which a customer may open a case by subject and text, the utility's own order."""
        return request.env["pwik.case.type"].search(
            [("portal_create", "=", True), ("portal_visible", "=", True), ("code", "not in", OWN_FORMS)]
        )

    @route("/my/cases/new", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def remark_form(self, kind="remark", contract="", **kw):
        """:param contract: the one from whose page or invoice somebody came, if it is his"""
        return self._render_remark({"kind": kind, "contract_id": str(to_id(contract) or "")})

    @route(
        "/my/cases/new",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        max_content_length=12 * 1024 * 1024,
    )
    def remark_submit(self, **post):
        form = self._ebok_pick(post, ("kind", "contract_id", "meter_id", "name", "description"))
        contract, meter = (
            self._ebok_find(model, number) if (number := to_id(form[name])) else None
            for name, model in (("contract_id", "pwik.contract"), ("meter_id", "pwik.meter"))
        )
        partner = contract.partner_id if contract else self._ebok_customer()
        if not partner:
            raise NotFound()
        if form["kind"] not in self._ebok_kinds().mapped("code"):
            form["kind"] = "remark"
        uploads = [
            (upload.filename, upload.read())
            for upload in request.httprequest.files.getlist("files")
            if upload.filename
        ]
        errors = {}
        if not contract and request.env["pwik.contract"].search_count([], limit=2) > 1:
            # the customer, the crew's address and the invoice hang on it: nobody is to be guessed
            errors["contract_id"] = request.env._(
                "Choose the contract: by it we know whom and which place it concerns."
            )
        elif meter and contract and not meter.installation_ids.service_point_id & contract.point_ids:
            errors["meter_id"] = request.env._("This meter is not one of the chosen contract.")
        if errors:
            others = request.env["pwik.case"]._get_submission_errors(form["kind"], form, partner, contract)
            if meter:
                others.pop("meter_id", None)  # it was chosen, and is not looked at without its contract
            return self._render_remark(form, {**errors, **others, **errors}, bool(uploads))
        case, errors = request.env["pwik.case"]._submit_from_ebok(
            form["kind"], form, partner, contract=contract, meter=meter, files=uploads
        )
        if errors:
            return self._render_remark(form, errors, bool(uploads))
        return request.redirect(f"/my/cases/{case.id}?new=1")

    def _render_remark(self, form, errors=None, had_files=False):
        """:param had_files: files were chosen, which a browser forgets when the form is shown again"""
        kinds = self._ebok_kinds()
        contracts = request.env["pwik.contract"].search([], order="number")
        today = fields.Date.context_today(request.env.user)
        past = contracts.filtered(
            lambda one: one.state != "active" or (one.date_end and one.date_end < today)
        )
        contracts = contracts - past + past  # each part by number
        if form.get("kind") not in kinds.mapped("code"):
            form = {**form, "kind": "remark"}
        return self._ebok_render(
            "pwik_ebok.portal_remark",
            "ebok_remark",
            {
                "form": form,
                "errors": errors or {},
                "contracts": contracts,
                "past_contracts": past,
                "several_customers": len(contracts.partner_id) > 1,
                "had_files": had_files,
                "kinds": kinds,
                "meters": self._ebok_current_meters(contracts),
            },
            status=self._ebok_status(errors),
        )
