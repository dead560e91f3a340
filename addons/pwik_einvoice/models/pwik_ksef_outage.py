from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain import ksef_rules


class PwikKsefOutage(models.Model):
    """A time in which KSeF was not there, as the Ministry announced it: it moves the day by which invoices must be sent."""

    _name = "pwik.ksef.outage"
    _description = "Outage of KSeF"
    _order = "date_from desc, id desc"
    _rec_name = "date_from"

    kind = fields.Selection(
        [(ksef_rules.UNAVAILABLE, "Unavailable (planned)"), (ksef_rules.FAILURE, "Failure")],
        required=True,
        default=ksef_rules.UNAVAILABLE,
        help="Planned: to be sent by the next working day after the end (VAT act art. 106nh). Failure announced in the public "
        "bulletin: by the seventh working day after the end (art. 106nf).",
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

    @api.model_create_multi
    def create(self, vals_list):
        outages = super().create(vals_list)
        self._move_deadlines()
        return outages

    def write(self, vals):
        result = super().write(vals)
        self._move_deadlines()
        return result

    def unlink(self):
        result = super().unlink()
        self._move_deadlines()
        return result

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
