from odoo import api, fields, models


class PwikLumpPersons(models.Model):
    """Persons on a contract that is billed by norms, from a day on. The history bills each month with its own number."""

    _name = "pwik.lump.persons"
    _description = "Persons of a lump sum"
    _order = "date_from desc, id desc"
    _check_company_auto = True

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

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        for row in rows:
            row._tell(self.env._("Persons from %(day)s: %(persons)s, norm %(norm)s.", **row._describe()))
        return rows

    def write(self, vals):
        before = {row: row._describe() for row in self}
        result = super().write(vals)
        for row, old in before.items():
            new = row._describe()
            if new != old:
                row._tell(
                    self.env._(
                        "Persons: %(old)s from %(old_day)s became %(new)s from %(new_day)s, norm %(norm)s.",
                        old=old["persons"],
                        old_day=old["day"],
                        new=new["persons"],
                        new_day=new["day"],
                        norm=new["norm"],
                    )
                )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_tells(self):
        for row in self:
            row._tell(
                self.env._("Persons from %(day)s: %(persons)s, norm %(norm)s: deleted.", **row._describe())
            )

    def _describe(self):
        self.ensure_one()
        return {
            "day": fields.Date.to_string(self.date_from),
            "persons": self.persons,
            "norm": self.norm_id.display_name,
        }

    def _tell(self, text):
        """Key values leave a trace on the contract, who and when."""
        self.contract_id.message_post(body=text)
