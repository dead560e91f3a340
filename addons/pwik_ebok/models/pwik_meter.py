from odoo import models
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
        contract_ids = self.env.user.ebok_contract_ids.ids
        if not contract_ids:
            return Domain.FALSE
        lines = self.env["pwik.contract.point"]
        asked = [lines._fields[name] for name in ("contract_id", "service_point_id", "date_from", "date_to")]
        asked += [self._fields[name] for name in ("service_point_id", "date_from", "date_to")]
        return Domain(
            "id",
            "in",
            SQL(
                """(
            SELECT i.id
              FROM pwik_contract_point cp
              JOIN pwik_meter_installation i ON i.service_point_id = cp.service_point_id
               AND daterange(i.date_from, i.date_to, '[]') && daterange(cp.date_from, cp.date_to, '[]')
             WHERE cp.contract_id IN %s
            )""",
                tuple(contract_ids),
                to_flush=asked,
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
