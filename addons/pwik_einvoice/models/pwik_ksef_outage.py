from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..domain import ksef_rules
from .pwik_delivery import UNSENT


class PwikKsefOutage(models.Model):
    """A time in which KSeF was not there, as the Ministry announced it: it moves the day by which invoices must be sent.

    In a total failure (VAT act art. 106ng) invoices are issued without KSeF and never sent there: electronically to who
    consented, otherwise on paper. That is chosen when an invoice is posted; what was posted before the failure was entered, or
    is touched by a change of its days, follows it as long as it was not sent.
    """

    _name = "pwik.ksef.outage"
    _description = "Outage of KSeF"
    _order = "date_from desc, id desc"
    _rec_name = "date_from"

    kind = fields.Selection(
        [
            (ksef_rules.UNAVAILABLE, "Unavailable (planned)"),
            (ksef_rules.FAILURE, "Failure"),
            (ksef_rules.TOTAL, "Total failure"),
        ],
        required=True,
        default=ksef_rules.UNAVAILABLE,
        help="Planned: to be sent by the next working day after the end (VAT act art. 106nh). Failure announced in the public "
        "bulletin: by the seventh working day after the end (art. 106nf). Total failure, announced in radio, television or "
        "press because the bulletin is away too: invoices of these days go by e-mail or on paper and are never sent to KSeF "
        "(art. 106ng).",
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Last day", help="Empty: it goes on.")
    note = fields.Char("Announcement", help="Number or address of the Ministry's announcement.")

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for outage in self:
            if outage.date_to and outage.date_to < outage.date_from:
                raise ValidationError(self.env._("The last day of the outage is before its first."))

    @api.model
    def _get_all(self):
        """:return: list of ``ksef_rules.Outage``"""
        # sudo: who sees a delivery sees by when it must be sent; outages are public
        return [
            ksef_rules.Outage(one.kind, one.date_from, one.date_to or None) for one in self.sudo().search([])
        ]

    @api.model
    @ormcache()
    def _get_total_failures(self):
        return tuple(one for one in self._get_all() if one.kind == ksef_rules.TOTAL)

    @api.model
    def _is_outside(self, day):
        """Whether invoices of `day` are issued without KSeF."""
        return ksef_rules.is_outside(day, self._get_total_failures())

    @api.model_create_multi
    def create(self, vals_list):
        before = self._get_total_failures()
        outages = super().create(vals_list)
        self._follow(before)
        return outages

    def write(self, vals):
        before = self._get_total_failures()
        result = super().write(vals)
        self._follow(before)
        return result

    def unlink(self):
        before = self._get_total_failures()
        result = super().unlink()
        self._follow(before)
        return result

    @api.model
    def _follow(self, before):
        """What follows from the outages as they are now.

        :param before: the total failures as they were
        """
        self.flush_model()
        self.env.registry.clear_cache()
        now = self._get_total_failures()
        if now != before:
            self._leave_ksef(now)
            self._return_to_ksef(before)
        self._move_deadlines()

    @api.model
    def _get_moves(self, failures, *domain):
        """Issued water invoices of the days of these total failures."""
        # sudo: the manager keeps outages; how invoices are delivered follows by law
        moves = self.env["account.move"].sudo()
        for failure in failures:
            days = [("invoice_date", ">=", failure.start)]
            if failure.end:
                days.append(("invoice_date", "<=", failure.end))
            moves |= moves.search(
                [("state", "=", "posted"), ("pwik_settlement_id", "!=", False), *days, *domain]
            )
        return moves

    @api.model
    def _leave_ksef(self, failures):
        """What waits for KSeF and was issued in a total failure goes another way."""
        moves = self._get_moves(
            failures, ("pwik_delivery_channel", "=", "ksef"), ("l10n_pl_edi_status", "=", False)
        )
        moves = moves.filtered(
            lambda move: all(row.state in UNSENT for row in move._pwik_get_alive_deliveries())
        )
        moves._pwik_change_channel(
            lambda env: env._(
                "KSeF had a total failure on the day of the invoice (VAT act art. 106ng): it is never sent there."
            )
        )

    @api.model
    def _return_to_ksef(self, failures):
        """A failure was entered wrongly, or with other days: what it kept out of KSeF goes there."""
        moves = self._get_moves(failures, ("pwik_delivery_channel", "in", ("electronic", "paper")))
        moves.filtered(lambda move: move._pwik_choose_channel() == "ksef")._pwik_change_channel(
            lambda env: env._("KSeF had no total failure on the day of the invoice: it is sent there.")
        )

    @api.model
    def _move_deadlines(self):
        # sudo: the manager keeps outages; the deadlines follow by law
        rows = (
            self.env["pwik.delivery"]
            .sudo()
            .search([("channel", "=", "ksef"), ("state", "not in", ("done", "cancelled"))])
        )
        rows._compute_send_by()
        rows.filtered(lambda row: row.told in ("due", "late")).told = False
