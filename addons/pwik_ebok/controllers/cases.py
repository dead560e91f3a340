"""Module 4, Sprawy."""

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.http import request, route
from werkzeug.exceptions import NotFound

from .main import EbokPortal, to_id

#: Kinds that a customer may open with the remark form.
REMARK_KINDS = ("remark", "complaint", "failure")
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
    def cases(self, page=1, filterby="all", **kw):
        return self._render_cases("ebok_cases", "/my/cases", [], page, filterby)

    @route(
        ["/my/cases/readings", "/my/cases/readings/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def case_readings(self, page=1, filterby="all", **kw):
        return self._render_cases(
            "ebok_case_readings", "/my/cases/readings", [("type_id.code", "=", "reading")], page, filterby
        )

    @route(
        ["/my/cases/changes", "/my/cases/changes/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def case_changes(self, page=1, filterby="all", **kw):
        return self._render_cases(
            "ebok_case_changes", "/my/cases/changes", [("type_id.code", "=", "data_change")], page, filterby
        )

    def _get_case_filters(self):
        """Words for the filters of the lists, in their order."""
        return {
            "all": request.env._("All"),
            "open": request.env._("Open"),
            "closed": request.env._("Closed"),
        }

    def _render_cases(self, page_name, url, domain, page, filterby):
        filters = self._get_case_filters()
        filterby = filterby if filterby in filters else "all"
        domain = domain + CASE_DOMAINS[filterby]
        pager = portal_pager(
            url=url,
            total=request.env["pwik.case"].search_count(domain),
            page=page,
            step=self._cases_per_page,
            url_args={"filterby": filterby},
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

    @route("/my/cases/new", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def remark_form(self, kind="remark", **kw):
        return self._render_remark({"kind": kind if kind in REMARK_KINDS else "remark"})

    @route(
        "/my/cases/new",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        max_content_length=12 * 1024 * 1024,
    )
    def remark_submit(self, **post):
        form = self._ebok_pick(post, ("kind", "contract_id", "name", "description"))
        number = to_id(form["contract_id"])
        contract = self._ebok_find("pwik.contract", number) if number else None
        partner = contract.partner_id if contract else self._ebok_customer()
        kind = form["kind"] if form["kind"] in REMARK_KINDS else "remark"
        uploads = [
            (upload.filename, upload.read())
            for upload in request.httprequest.files.getlist("files")
            if upload.filename
        ]
        if not partner:
            raise NotFound()
        case, errors = request.env["pwik.case"]._submit_from_ebok(
            kind, form, partner, contract=contract, files=uploads
        )
        if errors:
            return self._render_remark(form, errors)
        return request.redirect(f"/my/cases/{case.id}?new=1")

    def _render_remark(self, form, errors=None):
        return self._ebok_render(
            "pwik_ebok.portal_remark",
            "ebok_remark",
            {
                "form": form,
                "errors": errors or {},
                "contracts": request.env["pwik.contract"].search([], order="number"),
                "kinds": request.env["pwik.case.type"].search([("code", "in", REMARK_KINDS)]),
            },
            status=422 if errors else 200,
        )
