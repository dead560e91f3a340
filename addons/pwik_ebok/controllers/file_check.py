"""Is this file ours? For whoever holds an invoice: the customer, his bookkeeper, a court. Nothing is stored."""

from odoo.addons.pwik_einvoice.domain.file_check import MAX_SIZE
from odoo.http import request, route
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .main import EbokPortal


class EbokFileCheck(EbokPortal):
    @route("/my/check-file", type="http", auth="public", methods=["GET"], website=True, readonly=True)
    def file_check_form(self, **kw):
        return self._render_check()

    @route(
        "/my/check-file",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        max_content_length=MAX_SIZE + 1024 * 1024,  # of the whole form; the file itself is measured below
    )
    def file_check(self, **post):
        upload = request.httprequest.files.get("file")
        if not upload or not upload.filename:
            return self._render_check(errors={"file": request.env._("Choose a file.")})
        if not request.env["pwik.ebok.attempt"]._take_of_day(
            "check_address", request.httprequest.remote_addr or ""
        ):
            message = request.env._(
                "Enough files were checked from your address for today. Come back tomorrow, or call us."
            )
            return self._render_check(errors={"limit": message})
        content = upload.read(MAX_SIZE + 1)
        verdict = request.env.company._pwik_check_file(content)
        if verdict.code in ("empty", "too_large", "unreadable"):
            return self._render_check(errors={"file": self._get_refusal(verdict.code)})
        return self._render_check(verdict, upload.filename)

    def _get_refusal(self, code):
        return {
            "empty": request.env._("The file is empty. Choose another one."),
            "too_large": request.env._(
                "The file is larger than 5 MB. An invoice of ours is smaller: choose that file."
            ),
            "unreadable": request.env._(
                "This is neither a PDF nor a plain XML invoice: the file is damaged, or holds declarations that an invoice "
                "never has. Choose the file as you received it from us."
            ),
        }[code]

    def _render_check(self, verdict=None, name="", errors=None):
        facts = verdict.facts if verdict else None
        return self._ebok_render(
            "pwik_ebok.portal_file_check",
            "ebok_file_check",
            {
                **({} if request.env.user._is_portal() else {"ebok_menu": []}),
                "verdict": verdict.code if verdict else None,
                "file_name": name[:120],
                "facts": facts,
                "facts_date": facts and facts.date and format_date(request.env, facts.date),
                "facts_gross": facts
                and facts.gross
                and formatLang(request.env, float(facts.gross), digits=2),
                "errors": errors or {},
                "company": request.env.company.sudo(),
            },
            status=self._ebok_status(errors),
        )
