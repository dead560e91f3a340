"""Outages: those at the customer's own points, and all of them for everybody."""

from odoo import fields
from odoo.fields import Domain
from odoo.http import request, route

from .main import EbokPortal

MOST_SHOWN = 100


class EbokOutages(EbokPortal):
    def _ebok_outages(self):
        """Outages that concern the user's points, each with these points: list of ``(outage, points)``."""
        outages = request.env["pwik.outage"].search([], order="date_from, id", limit=MOST_SHOWN)
        if not outages:
            return []
        mine = request.env["pwik.contract"].search([("state", "=", "active")])
        mine = mine.contract_point_ids.service_point_id
        # The outages are the user's by the rule; of their points he is told his own, which the line above found for him.
        return [(outage, mine & outage.sudo().point_ids.sudo(False)) for outage in outages]

    def _ebok_zone(self):
        # sudo: a customer may not read the utility's own contact; its time zone is no secret
        return request.env.company.sudo().partner_id.tz or "Europe/Warsaw"

    @route("/my/outages", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def outages(self, **kw):
        return self._ebok_render(
            "pwik_ebok.portal_outages",
            "ebok_outages",
            {"outages": self._ebok_outages(), "zone": self._ebok_zone()},
        )

    @route("/awarie", type="http", auth="public", methods=["GET"], website=True, readonly=True)
    def public_outages(self, municipality=None, **kw):
        # sudo: published outages are written for the public; the page names the area, never a customer or his point
        outages = request.env["pwik.outage"].sudo()
        domain = Domain(outages._get_public_domain()) & Domain("company_id", "=", request.env.company.id)
        towns = request.env["pwik.municipality"].sudo()
        towns = towns.search([("company_id", "=", request.env.company.id)])
        town = towns.filtered(lambda one: str(one.id) == str(municipality))
        if town:
            domain &= Domain("municipality_ids", "in", town.ids) | Domain(
                "point_ids.municipality_id", "in", town.ids
            )
        return request.render(
            "pwik_ebok.public_outages",
            {
                "outages": outages.search(domain, order="date_from, id", limit=MOST_SHOWN),
                "towns": towns,
                "town": town,
                "now": fields.Datetime.now(),
                "zone": self._ebok_zone(),
            },
        )


class EbokNotices(EbokPortal):
    @route("/my/notices", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def notices(self, saved=None, **kw):
        return self._ebok_render(
            "pwik_ebok.portal_notices",
            "ebok_notices",
            {
                "kinds": self._ebok_notice_kinds(),
                "email": request.env.user.partner_id.sudo().email,
                "saved": saved == "1",
            },
        )

    @route("/my/notices", type="http", auth="user", methods=["POST"], website=True)
    def notices_submit(self, **post):
        """The boxes of the page, for the signed-in person himself and nobody else."""
        person = request.env.user.partner_id
        for kind, wanted in self._ebok_notice_kinds():
            choice = post.get(f"email_{kind.code}") == "1"
            if choice != wanted:
                kind._choose(person, choice)
        return request.redirect("/my/notices?saved=1")

    def _ebok_notice_kinds(self):
        """Kinds in use, each with whether the signed-in person gets it: list of ``(kind, bool)``."""
        # sudo: the kinds are no secret, the choices are asked for this very person
        kinds = request.env["pwik.notice.kind"].sudo().search([])
        person = request.env.user.partner_id
        chosen = {
            one.kind_id: one.wanted
            for one in kinds.env["pwik.notice.preference"].search(
                [("recipient_id", "=", person.id), ("channel", "=", "email")]
            )
        }
        return [(kind, chosen.get(kind, kind.default_on)) for kind in kinds]
