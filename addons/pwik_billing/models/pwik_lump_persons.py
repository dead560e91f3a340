from odoo import fields, models
from odoo.tools import format_date


class PwikLumpPersons(models.Model):
    """Persons on a contract that is billed by norms, from a day on. The history bills each month with its own number."""

    _name = "pwik.lump.persons"
    _description = "Persons of a lump sum"
    _inherit = ["pwik.told.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _told_on = "contract_id"

    contract_id = fields.Many2one(
        "pwik.contract", "Contract", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    persons = fields.Integer(required=True)
    norm_id = fields.Many2one(
        "pwik.lump.norm", "Norm", required=True, ondelete="restrict", check_company=True
    )
    note = fields.Char("Basis", help="The customer's statement, an inspection, a register of residents.")

    _once_a_day = models.Constraint("UNIQUE(contract_id, date_from)", "One number of persons a day.")
    _not_negative = models.Constraint("CHECK(persons >= 0)", "The number of persons is not negative.")

    def _describe(self):
        return self.env._(
            "%(persons)s from %(day)s, norm %(norm)s",
            persons=self.persons,
            day=format_date(self.env, self.date_from),
            norm=self.norm_id.display_name,
        )
