from odoo import fields, models


class PwikPastPayment(models.Model):
    """A payment that the previous system received.

    Where the opening balance holds it already it is history only; a later one has an entry in the ledger (``move_id``).
    """

    _name = "pwik.past.payment"
    _description = "Payment of the previous system"
    _order = "date desc, id desc"
    _rec_name = "reference"
    _check_company_auto = True

    reference = fields.Char(
        "External reference", required=True, readonly=True, help="Key in the previous system."
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    contract_id = fields.Many2one(
        "pwik.contract", "Contract", readonly=True, index=True, ondelete="restrict", check_company=True
    )
    date = fields.Date("Day of payment", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    number = fields.Char("Document number", readonly=True)
    title = fields.Char("Title of the transfer", readonly=True)
    included = fields.Boolean("In the open items", readonly=True)
    move_id = fields.Many2one(
        "account.move", "Journal entry", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    _reference_once = models.Constraint(
        "UNIQUE(company_id, reference)",
        "A payment with this reference of the previous system was imported already.",
    )
    _amount_positive = models.Constraint("CHECK(amount > 0)", "A payment is above zero.")
