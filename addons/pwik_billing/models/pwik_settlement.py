from datetime import datetime, time

from odoo import api, fields, models
from odoo.addons.pwik_meters.models.pwik_meter import METER_KINDS
from odoo.exceptions import UserError
from odoo.tools import float_repr, format_date
from odoo.tools.misc import formatLang

from ..domain import dump_document
from .complete_lines import GIVEN, LineCompleter
from .numbers import MONEY, to_decimal
from .pwik_settlement_line import METHODS
from .settlement_issue import align_vat, measures_of, verify

KINDS = [("regular", "Periodic"), ("final", "Final"), ("correction", "Correction")]
ESTIMATE_TIME = time(12)  # UTC: the same day in every time zone of Europe
MUTABLE = {"state", "move_id", "company_id"}


class PwikSettlement(models.Model):
    """What a contract owes for a period, and how it came about. Frozen once issued: a correction is a new one."""

    _name = "pwik.settlement"
    _description = "Settlement of a period"
    _order = "period_to desc, contract_id, version desc, id desc"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "pwik.contract", "Contract", required=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one("res.company", "Company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Service recipient", required=True, index=True, ondelete="restrict"
    )
    payer_id = fields.Many2one("res.partner", "Payer", required=True, ondelete="restrict")
    period_from = fields.Date("From", required=True)
    period_to = fields.Date("To", required=True)
    kind = fields.Selection(KINDS, required=True, default="regular")
    version = fields.Integer(required=True, default=1)
    state = fields.Selection(
        [("draft", "Draft"), ("issued", "Issued"), ("corrected", "Corrected")],
        "Status",
        required=True,
        default="draft",
    )
    run_id = fields.Many2one("pwik.billing.run", "Run", index="btree_not_null", ondelete="restrict")
    move_id = fields.Many2one(
        "account.move", "Invoice", index="btree_not_null", ondelete="restrict", readonly=True
    )
    corrects_id = fields.Many2one("pwik.settlement", "Corrects", index="btree_not_null", ondelete="restrict")
    correction_ids = fields.One2many("pwik.settlement", "corrects_id", "Corrections")
    # What an estimate billed too much is taken back from the estimate's own invoice, whichever period's readings say so
    settles_id = fields.Many2one(
        "pwik.settlement",
        "Issued for",
        index="btree_not_null",
        ondelete="restrict",
        help="The period by whose readings the estimate that is corrected here was settled.",
    )
    settled_ids = fields.One2many("pwik.settlement", "settles_id", "Estimates settled by it")
    municipality_id = fields.Many2one("pwik.municipality", "Municipality", index=True, ondelete="restrict")
    line_ids = fields.One2many("pwik.settlement.line", "settlement_id", "Lines")
    measure_ids = fields.One2many("pwik.settlement.measure", "settlement_id", "Readings")
    reading_ids = fields.Many2many("pwik.reading", compute="_compute_reading_ids", string="Readings used")
    method = fields.Selection(METHODS, help="The least certain way in which one of the lines came about.")
    net = fields.Monetary(required=True)
    vat = fields.Monetary("VAT", required=True)
    # The tax of the day of issue: a correction takes it again, whatever the company's is by then (act on VAT, art. 29a, 106j).
    tax_id = fields.Many2one("account.tax", "VAT rate", readonly=True, ondelete="restrict")
    gross = fields.Monetary(required=True)
    water_m3 = fields.Float("Water [m³]", digits=(16, 3))
    sewage_m3 = fields.Float("Sewage [m³]", digits=(16, 3))
    document = fields.Json(
        "Document of the engine", required=True, groups="pwik_meters.pwik_meters_group_user"
    )

    _once = models.Constraint(
        "UNIQUE(contract_id, period_from, period_to, kind, version)",
        "This contract is already settled for this period.",
    )
    # “+ 0”: else the planner takes this index for a plain search by the contract (docs/adr/0042-lines-without-foreign-keys.md).
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist ((contract_id + 0) WITH =, daterange(period_from, period_to, '[]') WITH &&)"
        " WHERE (kind <> 'correction')",
        "This contract is already settled for a part of this period.",
    )
    _period_ordered = models.Constraint(
        "CHECK(period_to >= period_from)", "A period cannot end before it begins."
    )
    _correction_of = models.Constraint(
        "CHECK((kind = 'correction') = (corrects_id IS NOT NULL))",
        "A correction names what it corrects.",
    )

    @api.depends("contract_id.number", "period_from", "period_to", "kind")
    def _compute_display_name(self):
        for settlement in self:
            settlement.display_name = self.env._(
                "%(contract)s: %(start)s – %(end)s",
                contract=settlement.contract_id.number or "",
                start=format_date(self.env, settlement.period_from),
                end=format_date(self.env, settlement.period_to),
            )

    @api.depends("measure_ids.reading_from_id", "measure_ids.reading_to_id")
    def _compute_reading_ids(self):
        for settlement in self:
            settlement.reading_ids = (
                settlement.measure_ids.reading_from_id | settlement.measure_ids.reading_to_id
            )

    # ------------------------------------------------------------------ frozen

    def write(self, vals):
        if set(vals) - MUTABLE:
            self._check_not_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_not_frozen()

    def _check_not_frozen(self):
        if any(settlement.state != "draft" for settlement in self):
            raise UserError(self.env._("An issued settlement is frozen. Correct it by a correction."))

    # ------------------------------------------------------------------ making

    @api.model
    def _prepare_settlement(self, contract, document, source, corrects=None, run=None):
        """Values of the settlement that holds one document of the engine."""
        lines = [self._prepare_line(line, index, source) for index, line in enumerate(document.lines)]
        kind = "correction" if corrects else "regular"
        if not corrects and contract.date_end and contract.date_end <= document.period.date_to:
            kind = "final"
        return {
            "contract_id": contract.id,
            "company_id": contract.company_id.id,
            "partner_id": contract.partner_id.id,
            "payer_id": contract.invoice_partner_id.id,
            "period_from": document.period.date_from,
            "period_to": document.period.date_to,
            "kind": kind,
            "version": len(corrects.correction_ids) + 1 if corrects else 1,
            "corrects_id": corrects.id if corrects else False,
            "run_id": run.id if run else False,
            "municipality_id": source.points[contract.id][0].municipality_id,
            "method": "estimate" if document.estimated else self._get_weakest_method(lines),
            "net": document.net,
            "vat": document.vat,
            "tax_id": (corrects and corrects.tax_id or source.company.pwik_billing_tax_id).id,
            "gross": document.gross,
            "water_m3": sum(line.quantity for line in document.lines if line.component == "water"),
            "sewage_m3": sum(line.quantity for line in document.lines if line.component == "sewage"),
            "document": dump_document(document),
            "line_ids": [fields.Command.create(values) for values in lines],
        }

    @api.model
    def _get_weakest_method(self, lines):
        order = ["estimate", "average", "lump_sum", "reading"]
        return min((v["method"] for v in lines if v["method"]), key=order.index, default=False)

    @api.model
    def _prepare_line(self, line, index, source):
        return {
            "company_id": source.company.id,
            "sequence": index,
            "component": line.component,
            "subscription_kind": line.rate or False,
            "service_point_id": source.point_ids.get(line.point, False),
            "tariff_id": source.tariff_ids.get(line.tariff, False),
            "quantity": line.quantity,
            "price": line.price,
            "net": line.net,
            "date_from": line.date_from or False,
            "date_to": line.date_to or False,
            "days": line.days or 0,
            "method": line.method or False,
            "how": line.how,
            "rule": " ".join(line.rules),
        }

    @api.model
    def _issue(self, outcomes, source, invoice_date, run=None, measures=None):
        """Store the documents of many contracts as settlements with posted invoices, in as few batches as it takes.

        :param outcomes: ``{contract: documents}``
        :param measures: ``{contract: (settlement, values)}``: what is settled anew, and the readings by which it then stands
            billed (an invoice brings its own)
        :return: the new settlements, corrections before the invoices of the same contract
        :raise UserError: Odoo's amounts differ from the engine's to the grosz
        """
        vals_list = []
        for contract, documents in outcomes.items():
            anew, left = (measures or {}).get(contract, (self.browse(), ()))
            ours = []
            for document in reversed(documents):  # the readings stand once: with the last correction
                corrects = self.browse(int(document.corrects)) if document.corrects else None
                vals = self._prepare_settlement(contract, document, source, corrects, run)
                own, left = (left, ()) if corrects else (measures_of(source, contract, document), left)
                vals["measure_ids"] = [fields.Command.create(values) for values in own]
                if corrects and anew and corrects != anew:
                    vals["settles_id"] = anew.id
                ours.append(vals)
            vals_list += reversed(ours)
        settlements = self.with_context(tracking_disable=True).create(vals_list)
        settlements._make_invoices(invoice_date)
        settlements._make_estimated_readings()
        settlements.corrects_id.state = "corrected"
        return settlements

    def _make_invoices(self, invoice_date):
        """Create and post one invoice (or refund) each; freeze what is posted.

        Posting comes last: until the commit it keeps others from taking numbers of the journal.
        """
        Move = self.env["account.move"].with_context(tracking_disable=True, mail_create_nosubscribe=True)
        values = [settlement._prepare_invoice(invoice_date) for settlement in self]
        completer = LineCompleter(self.company_id)
        given = completer.is_possible(self.tax_id)
        if given:
            Move = Move.with_context(**GIVEN)
            values = [
                completer.complete(one, abs(to_decimal(settlement.vat, MONEY)))
                for settlement, one in zip(self, values, strict=True)
            ]
        moves = Move.create(values)
        self._tie_to_moves()
        if not given:
            align_vat(self)
        moves._pwik_post_packet()
        verify(self)
        self.state = "issued"

    def _tie_to_moves(self):
        """Each settlement names the invoice that names it: for all of a packet at once."""
        self.env["account.move"].flush_model(["pwik_settlement_id"])
        self.env.cr.execute(
            """
            UPDATE pwik_settlement s SET move_id = m.id FROM account_move m
             WHERE m.pwik_settlement_id = s.id AND s.id = ANY(%s)
            """,
            [self.ids],
        )
        self.invalidate_recordset(["move_id"])
        self.modified(["move_id"])

    def _prepare_invoice(self, invoice_date):
        """Values of the invoice: quantities, prices and words are the engine's, taxes and sums are Odoo's own."""
        self.ensure_one()
        company, contract = self.company_id, self.contract_id
        sign = -1 if self.gross < 0 else 1
        due = max(invoice_date, fields.Date.add(invoice_date, days=company.pwik_due_days))
        # Given, since Odoo would read all accounts of the company for it; a credit is paid to the customer's own.
        bank = {} if sign < 0 else {"partner_bank_id": company._pwik_get_bank_account().id}
        return {
            **bank,
            "move_type": "out_refund" if sign < 0 else "out_invoice",
            "company_id": company.id,
            "journal_id": company.pwik_billing_journal_id.id,
            "currency_id": company.currency_id.id,
            "partner_id": self.payer_id.id,
            "fiscal_position_id": False,
            "invoice_payment_term_id": False,
            "invoice_date": invoice_date,
            "invoice_date_due": due,
            "invoice_origin": contract.number,
            "reversed_entry_id": self.corrects_id.move_id.id if sign < 0 else False,
            "pwik_contract_id": contract.id,
            "pwik_settlement_id": self.id,
            "pwik_period_from": self.period_from,
            "pwik_period_to": self.period_to,
            "invoice_line_ids": [
                fields.Command.create(line._prepare_invoice_line(sign)) for line in self.line_ids
            ],
        }

    def _make_estimated_readings(self):
        """Keep the values that estimates lead to as readings, beside the measured ones."""
        measures = self.measure_ids.filtered(lambda m: m.source_to == "estimate" and not m.reading_to_id)
        self.env["pwik.reading"].sudo().with_context(tracking_disable=True).create(
            [
                {
                    "meter_id": measure.meter_id.id,
                    "moment": datetime.combine(measure.date_to, ESTIMATE_TIME),
                    "value": measure.value_to,
                    "source": "estimate",
                    "state": "accepted",
                    "note": measure.settlement_id.contract_id.number,
                }
                for measure in measures
            ]
        )

    # ------------------------------------------------------------------ words and buttons

    def _get_printed_measures(self):
        """The readings in the order in which one reads a bill: point by point, the main meter first."""
        self.ensure_one()
        kinds = [kind for kind, _name in METER_KINDS]
        return self.measure_ids.sorted(
            lambda m: (m.service_point_id.number, kinds.index(m.meter_kind), m.date_from, m.id)
        )

    def _get_before(self):
        """The settlement of the period before this one, of the same contract; none for a correction."""
        self.ensure_one()
        if self.kind == "correction":
            return self.browse()
        domain = [
            ("contract_id", "=", self.contract_id.id),
            ("kind", "!=", "correction"),
            ("state", "!=", "draft"),
            ("period_to", "<", self.period_from),
        ]
        # sudo: the customer who reads his invoice reads no settlements
        return self.sudo().search(domain, order="period_to desc", limit=1)

    def _get_last_lines(self):
        """``{key: line}``: of each thing that is charged the line of the last days; subscriptions differ by the length of their
        period too, for a rate by the quarter is no dearer one by the month."""
        lines = self.line_ids.sorted(
            lambda line: (line.date_to or line.settlement_id.period_to, line.sequence)
        )
        return {line._get_price_key(): line for line in lines}

    def _format_m3(self, value):
        """Volume for a reader: whole m³ without decimals, else with the three that are billed."""
        whole = abs(value - round(value)) < 0.0005
        return formatLang(self.env, float(float_repr(value, 3)), digits=0 if whole else 3)

    def action_open_invoice(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
