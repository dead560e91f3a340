from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """What the declaration of accessibility says of this utility's eBOK (act of 4 April 2019, art. 10)."""

    _inherit = "res.company"

    pwik_a11y_published = fields.Date("eBOK published on")
    pwik_a11y_updated = fields.Date("Last major change of eBOK on")
    pwik_a11y_made = fields.Date(
        "Declaration made or reviewed on",
        help="By law once a year until 31 March, and after each major change. Empty: the page says that the declaration "
        "is being prepared.",
    )
    pwik_a11y_status = fields.Selection(
        [
            ("full", "Conforming"),
            ("partial", "Partly conforming"),
            ("none", "Not conforming"),
        ],
        "Conformity with the act",
    )
    pwik_a11y_gaps = fields.Text(
        "What is not accessible, and why", help="One line each; needed unless eBOK conforms."
    )
    pwik_a11y_assessor = fields.Char("Assessed by", help="Empty: the utility itself.")
    pwik_a11y_person = fields.Char("Person to contact", help="Empty: customer service.")
    pwik_a11y_email = fields.Char("E-mail for accessibility", help="Empty: the e-mail of the company.")
    pwik_a11y_phone = fields.Char("Telephone for accessibility", help="Empty: the telephone of the company.")
    pwik_a11y_building = fields.Text(
        "Access to the office",
        help="Entrances, stairs, lifts, parking places, guide dogs, sign language: one line each.",
    )

    @api.constrains("pwik_a11y_made", "pwik_a11y_status", "pwik_a11y_gaps", "pwik_a11y_published")
    def _check_pwik_a11y(self):
        """A declaration that the law would call incomplete is not published."""
        for company in self.filtered("pwik_a11y_made"):
            if not company.pwik_a11y_status or not company.pwik_a11y_published:
                raise ValidationError(
                    self.env._(
                        "A declaration of accessibility names the day on which eBOK was published and whether it conforms."
                    )
                )
            if company.pwik_a11y_status != "full" and not (company.pwik_a11y_gaps or "").strip():
                raise ValidationError(
                    self.env._("Say what is not accessible and why, or declare that eBOK conforms.")
                )

    def _pwik_get_a11y(self):
        """What the page shows, for anybody: nothing in it is about a customer.

        :return: dict of texts, days and lists of lines; ``made`` is False while there is no declaration yet
        """
        self.ensure_one()
        site = self.get_base_url()
        return {
            "name": self.name,
            "site": site,
            "published": self.pwik_a11y_published,
            "updated": self.pwik_a11y_updated or self.pwik_a11y_published,
            "made": self.pwik_a11y_made,
            "status": self.pwik_a11y_status,
            "gaps": self._pwik_get_lines(self.pwik_a11y_gaps),
            "assessor": self.pwik_a11y_assessor,
            "person": self.pwik_a11y_person,
            "email": self.pwik_a11y_email or self.email,
            "phone": self.pwik_a11y_phone or self.phone,
            "building": self._pwik_get_lines(self.pwik_a11y_building),
            "address": ", ".join(filter(None, (self.street, " ".join(filter(None, (self.zip, self.city)))))),
        }

    @api.model
    def _pwik_get_lines(self, text):
        return [line.strip() for line in (text or "").splitlines() if line.strip()]
