from odoo import fields, models


class PwikPastInvoice(models.Model):
    """An invoice that the previous system issued: an archive which the ledger knows nothing of.

    What was still open of it is an open item of the opening balance.
    """

    _name = "pwik.past.invoice"
    _description = "Invoice of the previous system"
    _order = "date desc, id desc"
    _rec_name = "number"
    _check_company_auto = True

    number = fields.Char("Document number", required=True, readonly=True, index="trigram")
    document_kind = fields.Selection(
        [("invoice", "Invoice"), ("correction", "Correction")],
        "Kind of document",
        required=True,
        readonly=True,
        default="invoice",
    )
    partner_id = fields.Many2one(
        "res.partner", "Buyer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    contract_id = fields.Many2one(
        "pwik.contract",
        "Contract",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    date = fields.Date("Document date", required=True, readonly=True, index=True)
    due_date = fields.Date("Due date", readonly=True)
    period_from = fields.Date("Period from", readonly=True)
    period_to = fields.Date("Period to", readonly=True)
    net = fields.Monetary(readonly=True)
    vat = fields.Monetary("VAT", readonly=True)
    gross = fields.Monetary(readonly=True)
    ksef_number = fields.Char("KSeF number", readonly=True)
    pdf = fields.Binary("PDF", attachment=True, readonly=True)
    pdf_name = fields.Char("PDF file", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    _number_once = models.Constraint(
        "UNIQUE(company_id, number)", "A past invoice with this number was imported already."
    )
