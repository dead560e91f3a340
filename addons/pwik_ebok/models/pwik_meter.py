from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class PwikServicePoint(models.Model):
    _name = "pwik.service.point"
    _inherit = ["pwik.service.point", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("contract_point_ids", "any!", self.env["pwik.contract.point"]._get_ebok_domain())


class PwikMeterInstallation(models.Model):
    """A customer sees the meters that served his points while his contract ran, not those before or after."""

    _name = "pwik.meter.installation"
    _inherit = ["pwik.meter.installation", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        today = fields.Date.context_today(self)
        return Domain(
            "id",
            "in",
            SQL(
                """(
            SELECT i.id
              FROM pwik_ebok_link l
              JOIN pwik_contract c ON c.partner_id = l.partner_id AND c.state <> 'draft'
              JOIN pwik_contract_point cp ON cp.contract_id = c.id
              JOIN pwik_meter_installation i ON i.service_point_id = cp.service_point_id
               AND daterange(i.date_from, i.date_to, '[]') && daterange(cp.date_from, cp.date_to, '[]')
             WHERE l.user_id = %s AND l.state = 'active' AND l.date_from <= %s AND (l.date_to IS NULL OR l.date_to >= %s)
            )""",
                self.env.uid,
                today,
                today,
            ),
        )


class PwikMeter(models.Model):
    _name = "pwik.meter"
    _inherit = ["pwik.meter", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("installation_ids", "any!", self.env["pwik.meter.installation"]._get_ebok_domain())


class PwikMeterSeal(models.Model):
    _name = "pwik.meter.seal"
    _inherit = ["pwik.meter.seal", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("meter_id", "any!", self.env["pwik.meter"]._get_ebok_domain())
