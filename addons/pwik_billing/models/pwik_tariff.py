from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..domain import TariffVersion
from .numbers import MONEY, to_decimal

EDITABLE_IN_FORCE = {"prolonged_until", "state", "note"}


class PwikTariff(models.Model):
    """One price column of an approved tariff (act of 7 June 2001, art. 24b–24g; Dz.U. 2018 poz. 472).

    Once in force it is never edited: the next one supersedes it, or staff prolong it explicitly.
    """

    _name = "pwik.tariff"
    _description = "Water and sewage tariff"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "decision_number"]

    name = fields.Char("Short name", required=True, tracking=True, help="Printed on invoices, e.g. “V1”.")
    decision_number = fields.Char("Decision", required=True, tracking=True)
    approved_by = fields.Char(required=True, tracking=True, help="The authority that approved the tariff.")
    date_from = fields.Date("In force from", required=True, tracking=True)
    date_to = fields.Date("Approved until", required=True, tracking=True)
    prolonged_until = fields.Date(
        tracking=True,
        help="An expired tariff stays in force until the next one enters into force (art. 24g): "
        "say here until when it is applied.",
    )
    effective_to = fields.Date("Applied until", compute="_compute_effective_to", store=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("in_force", "In force"),
            ("superseded", "Superseded"),
            ("expired", "Expired"),
            ("replaced", "Withdrawn as wrong"),
        ],
        "Status",
        required=True,
        default="draft",
        tracking=True,
        copy=False,
        index=True,
    )
    rate_ids = fields.One2many("pwik.tariff.rate", "tariff_id", "Rates", copy=True)
    note = fields.Text()
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE(name, company_id)", "A tariff with this name exists already.")
    _dates_ordered = models.Constraint("CHECK(date_to >= date_from)", "A tariff cannot end before it begins.")
    _prolonged_later = models.Constraint(
        "CHECK(prolonged_until IS NULL OR prolonged_until > date_to)",
        "A tariff is prolonged to a day after the approved one.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (company_id WITH =, daterange(date_from, COALESCE(prolonged_until, date_to), '[]') WITH &&)"
        " WHERE (state NOT IN ('draft', 'replaced'))",
        "Another tariff is in force on some of these days. Change the dates of one of them.",
    )

    @api.depends("date_to", "prolonged_until")
    def _compute_effective_to(self):
        for tariff in self:
            tariff.effective_to = tariff.prolonged_until or tariff.date_to

    @api.depends("name", "decision_number")
    def _compute_display_name(self):
        for tariff in self:
            tariff.display_name = (
                f"{tariff.name} ({tariff.decision_number})" if tariff.decision_number else tariff.name
            )

    def write(self, vals):
        frozen = set(vals) - EDITABLE_IN_FORCE - {"active"} - self._get_mail_fields()
        if vals.get("state") == "draft":
            frozen.add("state")
        if frozen and any(tariff.state != "draft" for tariff in self):
            raise UserError(
                self.env._(
                    "A tariff in force is not edited. Make the next one, or prolong this one explicitly.",
                )
            )
        return super().write(vals)

    @api.model
    def _get_mail_fields(self):
        """Fields of the chatter: they may change at any time."""
        return {
            name for name in self._fields if name.startswith(("message_", "activity_", "website_message"))
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(tariff.state != "draft" for tariff in self):
            raise UserError(self.env._("A tariff that was in force is kept: invoices refer to it."))

    def action_put_in_force(self):
        """Freeze draft tariffs: from now on they price what falls into their days."""
        for tariff in self.filtered(lambda t: t.state == "draft"):
            if not tariff.rate_ids:
                raise UserError(self.env._("Tariff %s has no rates.", tariff.name))
            tariff._withdraw_replaced()
            tariff.state = "in_force"
        self.env["pwik.tariff"].search([("company_id", "in", self.company_id.ids)])._update_state()

    def _update_state(self):
        """Mark what has run out: superseded where a later tariff follows without a gap, expired otherwise."""
        today = fields.Date.context_today(self)
        live = self.filtered(lambda t: t.state in ("in_force", "expired"))
        for tariff in live:
            if tariff.effective_to >= today:
                state = "in_force"
            else:
                later = self.search_count(
                    [
                        ("company_id", "=", tariff.company_id.id),
                        ("state", "not in", ("draft", "replaced")),
                        ("date_from", ">", tariff.effective_to),
                        ("date_from", "<=", today),
                    ],
                    limit=1,
                )
                state = "superseded" if later else "expired"
            if tariff.state != state:
                tariff.state = state

    @api.model
    def _cron_update_state(self):
        self.search([("state", "in", ("in_force", "expired"))])._update_state()

    @api.constrains("rate_ids", "state")
    def _check_rates(self):
        for tariff in self.filtered(lambda t: t.state == "in_force"):
            if any(to_decimal(rate.price, MONEY) <= 0 for rate in tariff.rate_ids):
                raise ValidationError(self.env._("Tariff %s has a rate without a price.", tariff.name))

    @api.model
    def _get_price_book(self, company, date_to):
        """All prices that may be needed to bill up to a day.

        :return: :class:`PriceBook`, built with two queries whatever the number of contracts
        """
        tariffs = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "not in", ("draft", "replaced")),
                ("date_from", "<=", date_to),
            ],
            order="date_from",
        )
        return PriceBook(tariffs)

    @api.model
    def _get_gaps(self, company, date_from, date_to):
        """Days of a period that no tariff covers, as list of ``(from, to)``."""
        gaps, day = [], date_from
        for tariff in self._get_price_book(company, date_to).tariffs:
            if tariff.effective_to < day:
                continue
            if tariff.date_from > day:
                gaps.append((day, fields.Date.subtract(tariff.date_from, days=1)))
            day = fields.Date.add(tariff.effective_to, days=1)
        if day <= date_to:
            gaps.append((day, date_to))
        return gaps

    def _get_prolonged_text(self):
        """A sentence per tariff that is applied past its approved last day."""
        return [
            self.env._(
                "Tariff %(name)s was approved until %(date)s and is applied until %(until)s.",
                name=tariff.name,
                date=format_date(self.env, tariff.date_to),
                until=format_date(self.env, tariff.prolonged_until),
            )
            for tariff in self.filtered("prolonged_until")
        ]


class PriceBook:
    """Rates of several tariffs, resolved for tariff groups and a municipality. The narrower rate wins."""

    def __init__(self, tariffs):
        self.tariffs = tariffs
        self._rates = {tariff.id: [] for tariff in tariffs}
        for rate in tariffs.rate_ids:
            self._rates[rate.tariff_id.id].append(
                (
                    rate.component,
                    rate.subscription_kind or None,
                    rate.billing_cycle or None,
                    rate.tariff_group_id.id or None,
                    rate.municipality_id.id or None,
                    to_decimal(rate.price, MONEY),
                )
            )
        self._resolved = {}

    def resolve(self, group_water, group_sewage, municipality):
        """Prices of each tariff for one kind of customer.

        :param int group_water, group_sewage: ids of tariff groups, or None
        :param int municipality: id
        :return: tuple of the engine's :class:`TariffVersion`; what has no rate is absent, so that the engine names it
        """
        key = (group_water, group_sewage, municipality)
        if key not in self._resolved:
            self._resolved[key] = tuple(self._resolve_tariff(tariff, *key) for tariff in self.tariffs)
        return self._resolved[key]

    def _resolve_tariff(self, tariff, group_water, group_sewage, municipality):
        best = {}
        groups = {
            "water": (group_water,),
            "sewage": (group_sewage,),
            "subscription": (group_water, group_sewage),
        }
        for component, kind, cycle, group, place, price in self._rates[tariff.id]:
            if (group and group not in groups[component]) or (place and place != municipality):
                continue
            rank, key = (bool(place), bool(group)), (component, kind, cycle)
            if key not in best or rank > best[key][0]:
                best[key] = (rank, price)
        prices, subscription = {}, {}
        for (component, kind, cycle), (_rank, price) in best.items():
            if component == "subscription":
                subscription.setdefault(kind, {})[cycle] = price
            else:
                prices[component] = price
        return TariffVersion(tariff.name, tariff.date_from, tariff.effective_to, prices, subscription)
