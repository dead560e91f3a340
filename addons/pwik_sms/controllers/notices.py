"""The choice of notices by SMS, beside that by e-mail."""

from odoo.addons.pwik_ebok.controllers.outages import EbokNotices
from odoo.addons.pwik_ebok.domain.masking import mask_phone
from odoo.http import request, route
from odoo.tools import format_duration


class EbokSmsNotices(EbokNotices):
    @route()
    def notices(self, saved=None, **kw):
        response = super().notices(saved=saved, **kw)
        response.qcontext.update(
            sms_kinds=self._ebok_sms_kinds(),
            # his own number, and not all of it: the page may be left open
            sms_phone=mask_phone(request.env.user.partner_id.sudo().phone),
            sms_hours=self._ebok_sms_hours(),
        )
        return response

    @route()
    def notices_submit(self, **post):
        """The boxes of both channels, for the signed-in person himself and nobody else."""
        response = super().notices_submit(**post)
        person = request.env.user.partner_id
        for kind, wanted in self._ebok_sms_kinds():
            choice = post.get(f"sms_{kind.code}") == "1"
            if choice != wanted:
                kind._choose(person, choice, channel="sms")
        return response

    def _ebok_sms_hours(self):
        """From when to when SMS go, as a clock shows it: ``(text, text)``, or None if at any hour."""
        company = request.env.company.sudo()  # the page tells its own hours
        begin, end = company.pwik_sms_quiet_to, company.pwik_sms_quiet_from
        return (
            None if begin == end else tuple(format_duration(hour).removeprefix("0") for hour in (begin, end))
        )

    def _ebok_sms_kinds(self):
        """Kinds that go by SMS, each with whether the signed-in person asked for it: list of ``(kind, bool)``."""
        person = request.env.user.partner_id
        return [
            # sudo: as with those by e-mail, the choice is asked for this very person
            (kind, person in kind._get_wanting_sms(person))
            for kind, _by_email in self._ebok_notice_kinds()
            if kind.sms_template_id
        ]
