from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class PwikContract(models.Model):
    """How a contract begins and ends: what blocks each step, final readings, the next customer."""

    _inherit = "pwik.contract"

    def _get_activation_blockers(self):
        """Why these drafts cannot be put into force yet; later addons add their sentences.

        :return: ``{contract: [sentence, …]}``, contracts without a hindrance with an empty list
        """
        blockers = {contract: [] for contract in self}
        for contract in self.filtered(lambda c: not c.contract_point_ids):
            blockers[contract].append(
                self.env._(
                    "Contract %s has no service point. Add the point that is supplied, then activate it.",
                    contract.number,
                )
            )
        self.env["pwik.contract.point"].flush_model()
        self.env.cr.execute(
            SQL(
                """
            SELECT mine.contract_id, mine.service_point_id, min(other.contract_id)
              FROM pwik_contract_point mine
              JOIN pwik_contract_point other
                ON other.service_point_id = mine.service_point_id AND other.id <> mine.id AND other.state <> 'draft'
               AND daterange(other.date_from, other.date_to, '[]') && daterange(mine.date_from, mine.date_to, '[]')
             WHERE mine.contract_id = ANY(%s)
          GROUP BY mine.contract_id, mine.service_point_id
            """,
                self.ids,
            )
        )
        for contract, point, rival in self.env.cr.fetchall():
            blockers[self.browse(contract)].append(
                self.env._(
                    "%(point)s belongs to contract %(contract)s in that time: end that one first.",
                    point=self.env["pwik.service.point"].browse(point).display_name,
                    contract=self.browse(rival).sudo().number,
                )
            )
        return blockers

    def _get_termination_blockers(self, day):
        """Why this contract cannot end on ``day`` (date): a list of sentences. Later addons add theirs."""
        self.ensure_one()
        blockers = []
        if day < self.date_start:
            blockers.append(self.env._("Contract %s cannot end before it starts.", self.number))
        billed_until = self._get_billed_until()
        if billed_until and day < billed_until:
            blockers.append(
                self.env._(
                    "Contract %(contract)s is invoiced until %(day)s already.",
                    contract=self.number,
                    day=billed_until,
                )
            )
        return blockers

    def _leave_point(self, point, day):
        """Let this contract in force give ``point`` up at the end of ``day``; with its last point it ends.

        :raise UserError: see ``_get_termination_blockers``
        """
        self.ensure_one()
        if blockers := self._get_termination_blockers(day):
            raise UserError("\n".join(blockers))
        # a point that leaves on that very day anyway (an agreed end) is there to be left
        lines = self.contract_point_ids.filtered(lambda line: not line.date_to or line.date_to >= day)
        leaving = lines.filtered(lambda line: line.service_point_id == point)
        if not leaving:
            raise UserError(
                self.env._(
                    "%(point)s is not supplied by contract %(contract)s on that day.",
                    point=point.display_name,
                    contract=self.number,
                )
            )
        if not (lines - leaving).filtered(lambda line: not line.date_to or line.date_to > day):
            self.action_terminate(day)
            return
        leaving.date_to = day
        # The next contract may take over the point at once: the constraint has to see that this one left it.
        leaving.flush_recordset()
        self._assign_readings()

    def _prepare_successor(self, partner, point, date_start):
        """Values of the contract that takes over ``point``: what was agreed on stays, the customer changes."""
        self.ensure_one()
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "date_start": date_start,
            "service_water": self.service_water,
            "service_sewage": self.service_sewage,
            "billing_cycle": self.billing_cycle,
            "billing_method": self.billing_method,
            "predecessor_id": self.id,
            "contract_point_ids": [fields.Command.create({"service_point_id": point.id})],
        }

    def action_change(self):
        """Wizard of termination or change of customer."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_contract_change_action"),
            "context": {"default_contract_id": self.id, **self.env.context},
        }
