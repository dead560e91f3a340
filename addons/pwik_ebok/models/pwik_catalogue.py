"""Lists that are nobody's own: every customer reads their names, not how the office works with them."""

from odoo import models


class PwikCaseType(models.Model):
    _name = "pwik.case.type"
    _inherit = ["pwik.case.type", "pwik.ebok.readable"]


class PwikCaseStage(models.Model):
    _name = "pwik.case.stage"
    _inherit = ["pwik.case.stage", "pwik.ebok.readable"]


class PwikTariffGroup(models.Model):
    _name = "pwik.tariff.group"
    _inherit = ["pwik.tariff.group", "pwik.ebok.readable"]
