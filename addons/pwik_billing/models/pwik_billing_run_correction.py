from odoo import fields, models
from odoo.addons.pwik_meters.tools.packets import pass_on
from odoo.exceptions import UserError


class PwikBillingRun(models.Model):
    """A run of corrections: what was billed, against what today's readings and tariffs give, contract by contract."""

    _inherit = "pwik.billing.run"

    correct_what = fields.Selection(
        [
            ("readings", "Readings that were corrected since"),
            ("tariff", "A tariff that was withdrawn as wrong"),
            ("all", "Everything that comes out differently today"),
        ],
        "Reason",
        default="readings",
        tracking=True,
    )
    tariff_id = fields.Many2one(
        "pwik.tariff",
        "Wrong tariff",
        domain="[('state', '=', 'replaced')]",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    change_ids = fields.One2many("pwik.billing.run.change", "run_id", "Changes")
    change_count = fields.Integer("Settlements that change", compute="_compute_change_count")

    _tariff_named = models.Constraint(
        "CHECK(kind <> 'correction' OR correct_what <> 'tariff' OR tariff_id IS NOT NULL)",
        "Say which tariff was wrong.",
    )

    def _compute_change_count(self):
        counts = dict(
            self.env["pwik.billing.run.change"]._read_group(
                [("run_id", "in", self.ids)], ["run_id"], ["__count"]
            )
        )
        for run in self:
            run.change_count = counts.get(run, 0)

    def _get_correction_domain(self):
        """Issued settlements which the run looks at."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("kind", "!=", "correction"),
            ("state", "!=", "draft"),
            ("period_from", "<=", self.period_to),
            ("period_to", ">=", self.period_from),
        ]
        if self.correct_what == "readings":
            domain.append(("needs_correction", "=", True))
        elif self.correct_what == "tariff":
            domain.append(("line_ids.tariff_id", "=", self.tariff_id.id))
        if self.municipality_id:
            domain.append(("municipality_id", "=", self.municipality_id.id))
        if self.route_id:
            route = [("service_point_id.route_id", "=", self.route_id.id)]
            domain.append(("contract_id.contract_point_ids", "any", route))
        if self.contract_ids:
            domain.append(("contract_id", "in", self.contract_ids.ids))
        return domain

    def _get_contracts(self):
        if self.kind != "correction":
            return super()._get_contracts()
        contracts = self.env["pwik.settlement"].search(self._get_correction_domain()).contract_id
        if not contracts:
            raise UserError(self.env._("No settlement of this period needs a correction for this reason."))
        return contracts.sorted("id")

    def _get_warnings(self):
        if self.kind != "correction":
            return super()._get_warnings()
        return "\n".join(self._get_lock_text())

    def action_open_changes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_billing_run_change_action")
        return {**action, "domain": [("run_id", "=", self.id)]}


class PwikBillingRunItem(models.Model):
    _inherit = "pwik.billing.run.item"

    change_ids = fields.One2many("pwik.billing.run.change", "item_id", "Changes")

    def _set_tried(self, outcome):
        """What the preview found: values of the changes, or the reason why the contract cannot be corrected."""
        self.ensure_one()
        self.change_ids.unlink()
        if isinstance(outcome, str):
            self._set_figures((), state="error", reason=outcome)
            return
        changes = self.env["pwik.billing.run.change"].create(
            [{"item_id": self.id, **values} for values in outcome]
        )
        reason = False if changes else self.env._("No amount changes.")
        self._sum_changes(state="pending", reason=reason)

    def _set_issued(self, made):
        """What was issued: the rows name the corrections now."""
        self.ensure_one()
        self.change_ids.unlink()
        self.env["pwik.billing.run.change"].create(
            [
                {"item_id": self.id, "correction_id": correction.id, **correction._prepare_change()}
                for correction in made
            ]
        )
        if made:
            self._sum_changes(state="done", reason=False, settlement_id=made[0].id)
        else:
            self._sum_changes(state="skipped", reason=self.env._("No amount changes."))

    def _sum_changes(self, **values):
        names = ("net", "vat", "gross", "water_m3", "sewage_m3")
        self.write({**{name: sum(self.change_ids.mapped(name)) for name in names}, **values})


class PwikSettlement(models.Model):
    _inherit = "pwik.settlement"

    def _prepare_change(self):
        """Values of the row that tells of this correction; ``settlement_id`` is what it corrects."""
        self.ensure_one()
        return {
            "settlement_id": self.corrects_id.id,
            "net": self.net,
            "vat": self.vat,
            "gross": self.gross,
            "water_m3": self.water_m3,
            "sewage_m3": self.sewage_m3,
        }


class PwikBillingRunTask(models.Model):
    _inherit = "pwik.billing.run.task"

    def _preview(self, items):
        """Issue the corrections of the packet and take them back: what is shown is what will be made."""
        if self.run_id.kind != "correction":
            return super()._preview(items)
        for item, outcome in self._try_corrections(items).items():
            item._set_tried(outcome)
        return None

    def _try_corrections(self, items):
        """``{item: list of change values, or str why it fails}``; leaves nothing behind."""
        try:
            return self._take_back_corrections(items)
        except Exception as error:  # whatever it is, it lands on the contract that causes it
            pass_on(error)
            if len(items) > 1:
                return {item: self._try_corrections(item)[item] for item in items}
            reason = str(error) if isinstance(error, UserError) else self._explain_exception(error)
            return {items: reason}

    def _take_back_corrections(self, items):
        with self.env.cr.savepoint() as savepoint:
            made = self._get_settlements(items)._correct(self.run_id.invoice_date)
            changes = {item: [] for item in items}
            owner = {item.contract_id.id: item for item in items}
            for settlement in made:
                changes[owner[settlement.contract_id.id]].append(settlement._prepare_change())
            savepoint.rollback()
        self.env.invalidate_all()
        return changes

    def _get_settlements(self, items):
        domain = [*self.run_id._get_correction_domain(), ("contract_id", "in", items.contract_id.ids)]
        return self.env["pwik.settlement"].search(domain, order="period_from, id")

    def _bill_items(self, items):
        if self.run_id.kind != "correction":
            return super()._bill_items(items)
        settlements = self._get_settlements(items)
        made = settlements._correct(self.run_id.invoice_date, self.run_id)
        settlements._tell_waiting_cases(made)
        for item in items:
            own = made.filtered(lambda s, contract=item.contract_id: s.contract_id == contract)
            item._set_issued(own)
        return None
