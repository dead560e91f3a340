from odoo import models


class PwikServicePoint(models.Model):
    _name = "pwik.service.point"
    _inherit = ["pwik.service.point", "pwik.billed.mixin"]
    _measured_as = "service_point_id"
