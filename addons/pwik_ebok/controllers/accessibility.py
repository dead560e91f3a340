"""The declaration of accessibility, for everybody (act of 4 April 2019, art. 10)."""

from odoo.http import request, route

from .formats import day_format
from .main import EbokPortal


class EbokAccessibility(EbokPortal):
    @route(
        "/deklaracja-dostepnosci", type="http", auth="public", methods=["GET"], website=True, readonly=True
    )
    def accessibility(self, **kw):
        return request.render(
            "pwik_ebok.accessibility",
            {
                # sudo: the utility writes these texts for the public
                "declaration": request.env.company.sudo()._pwik_get_a11y(),
                "ebok_day": day_format(request.env),
            },
        )
