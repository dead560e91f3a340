"""Linking of customers to a login, and who else sees their data."""

from odoo import fields
from odoo.addons.portal.controllers.portal import pager
from odoo.http import request, route
from odoo.tools import email_normalize
from werkzeug.exceptions import NotFound

from .main import EbokPortal

HISTORY_PAGE = 30


class EbokAccess(EbokPortal):
    # Linking ---------------------------------------------------------------------------------------------------------

    @route("/my/link", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def link_choice(self, **kw):
        return self._ebok_render("pwik_ebok.portal_link", "ebok_link", {})

    @route("/my/link/invoice", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def link_invoice(self, **kw):
        return self._ebok_render("pwik_ebok.portal_link_invoice", "ebok_link", {"form": {"role": "owner"}})

    @route("/my/link/invoice", type="http", auth="user", methods=["POST"], website=True)
    def link_invoice_submit(self, **post):
        form = self._ebok_pick(post, ("customer_number", "invoice_number", "amount", "role"))
        link, errors = request.env["pwik.ebok.link"]._claim_by_invoice(form, request.httprequest.remote_addr)
        return self._ebok_linked(link, "pwik_ebok.portal_link_invoice", form, errors)

    @route("/my/link/code", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def link_code(self, **kw):
        return self._ebok_render("pwik_ebok.portal_link_code", "ebok_link", {})

    @route("/my/link/code", type="http", auth="user", methods=["POST"], website=True)
    def link_code_submit(self, **post):
        form = self._ebok_pick(post, ("code",))
        link, errors = request.env["pwik.ebok.link"]._claim_by_code(
            form["code"], request.httprequest.remote_addr
        )
        return self._ebok_linked(link, "pwik_ebok.portal_link_code", form, errors)

    def _ebok_linked(self, link, template, form, errors):
        if errors:
            return self._ebok_render(template, "ebok_link", {"form": form, "errors": errors}, status=422)
        return request.redirect("/my/access?done=" + ("linked" if link.state == "active" else "waiting"))

    # Who sees it -----------------------------------------------------------------------------------------------------

    @route("/my/access", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def access(self, done=None, **kw):
        return self._render_access({"done": done})

    def _render_access(self, values, status=200):
        links = self._ebok_links()
        owned = self._ebok_owned()
        invitations = request.env["pwik.ebok.invitation"].sudo()  # of the customers whose owner is signed in
        return self._ebok_render(
            "pwik_ebok.portal_access",
            "ebok_access",
            {
                "mine": links.filtered(lambda link: link.user_id == request.env.user),
                "others": links.filtered(lambda link: link.user_id != request.env.user),
                "owned": owned,
                "invitations": invitations.search(
                    [
                        ("partner_id", "in", owned.ids),
                        ("state", "=", "sent"),
                        ("valid_until", ">=", fields.Datetime.now()),
                    ]
                ),
                "today": fields.Date.context_today(request.env.user),
                **values,
            },
            status=status,
        )

    def _ebok_owned(self):
        """Customers for whom the signed-in user decides who else sees their data."""
        links = request.env["pwik.ebok.link"].sudo()  # his own links only, by the domain below
        own = links.search([*links._get_active_domain(request.env.user), ("role", "=", "owner")])
        return own.partner_id

    def _ebok_links(self):
        """Links (with sudo) on the page: the user's own, and those to the customers for whom he decides."""
        domain = [
            ("state", "!=", "revoked"),
            "|",
            ("user_id", "=", request.env.uid),
            ("partner_id", "in", self._ebok_owned().ids),
        ]
        return request.env["pwik.ebok.link"].sudo().search(domain)

    def _ebok_find_link(self, link_id, others=False):
        """A link of the page; the same answer for a foreign and for a missing one."""
        link = self._ebok_links().filtered(lambda one: one.id == link_id)
        if not link or (
            others and (link.user_id == request.env.user or link.partner_id not in self._ebok_owned())
        ):
            raise NotFound()
        return link

    @route("/my/access/<int:link_id>/end", type="http", auth="user", methods=["POST"], website=True)
    def access_end(self, link_id, **post):
        self._ebok_find_link(link_id).action_revoke()
        return request.redirect("/my/access?done=ended")

    @route("/my/access/<int:link_id>/approve", type="http", auth="user", methods=["POST"], website=True)
    def access_approve(self, link_id, **post):
        self._ebok_find_link(link_id, others=True).action_approve()
        return request.redirect("/my/access?done=approved")

    @route(
        ["/my/history", "/my/history/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def history(self, page=1, **kw):
        """What was done with the signed-in user's own login."""
        events = request.env["pwik.audit.event"].sudo()  # his own login's, by the domain below
        domain = [("user_ref", "=", request.env.uid)]
        pages = pager(url="/my/history", total=events.search_count(domain), page=page, step=HISTORY_PAGE)
        return self._ebok_render(
            "pwik_ebok.portal_history",
            "ebok_history",
            {
                "events": events.search(domain, limit=HISTORY_PAGE, offset=pages["offset"]),
                "pager": pages,
            },
        )

    # Invitations -----------------------------------------------------------------------------------------------------

    @route("/my/access/invite", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def invite_form(self, **kw):
        return self._render_invite({"role": "proxy"})

    @route("/my/access/invite", type="http", auth="user", methods=["POST"], website=True)
    def invite(self, **post):
        form = self._ebok_pick(post, ("customer", "email", "role", "date_to"))
        partner = self._ebok_owned().filtered(lambda one: str(one.id) == form["customer"])
        if not partner:
            raise NotFound()
        errors, day = {}, None
        roles = dict(request.env["pwik.ebok.link"]._fields["role"].selection)
        if not email_normalize(form["email"]):
            errors["email"] = request.env._(
                "Enter the e-mail address of the person, for example jan@example.com."
            )
        if form["role"] not in roles:
            errors["role"] = request.env._("Choose in which role the person acts.")
        if form["date_to"]:
            day = self._ebok_date(form["date_to"])
            if not day or day < fields.Date.context_today(request.env.user):
                errors["date_to"] = request.env._("Enter a day from today on, or leave the field empty.")
        if not errors and not request.env["pwik.ebok.invitation"]._invite(
            partner, form["email"], form["role"], day
        ):
            errors["email"] = request.env._("Enough invitations were sent for today. Try again tomorrow.")
        if errors:
            return self._render_invite(form, errors)
        return request.redirect("/my/access?done=invited")

    def _ebok_date(self, text):
        try:
            return fields.Date.to_date(text)
        except ValueError:
            return None

    def _render_invite(self, form, errors=None):
        return self._ebok_render(
            "pwik_ebok.portal_invite",
            "ebok_access",
            {
                "owned": self._ebok_owned(),
                "form": form,
                "errors": errors or {},
                "ebok_title": request.env._("Let somebody see my data"),
            },
            status=422 if errors else 200,
        )

    @route(
        "/my/access/invitations/<int:invitation_id>/withdraw",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def invitation_withdraw(self, invitation_id, **post):
        invitations = request.env["pwik.ebok.invitation"].sudo()  # of the customers whose owner is signed in
        invitation = invitations.search(
            [("id", "=", invitation_id), ("partner_id", "in", self._ebok_owned().ids), ("state", "=", "sent")]
        )
        if not invitation:
            raise NotFound()
        invitation.state = "withdrawn"
        return request.redirect("/my/access?done=withdrawn")

    @route(
        "/ebok/invitation/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def invitation(self, token, **kw):
        invitation = request.env["pwik.ebok.invitation"]._find(token)
        guest = request.env.user._is_public()
        response = request.render(
            "pwik_ebok.invitation",
            {"invitation": invitation, "token": token, "guest": guest, "page_name": "ebok_invitation"},
            status=200 if invitation else 404,
        )
        response = self._ebok_private(response)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @route(
        "/ebok/invitation/<string:token>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def invitation_accept(self, token, **post):
        invitation = request.env["pwik.ebok.invitation"]._find(token)
        if not invitation or not invitation._accept():
            raise NotFound()
        return request.redirect("/my/access?done=linked")
