"""A letter after it was printed: it is delivered when the post has it."""

from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

NOON = time(12)


class PwikDelivery(models.Model):
    _inherit = "pwik.delivery"

    date_printed = fields.Datetime("Printed at", readonly=True, copy=False)
    printed_days = fields.Integer(
        "Days since printing",
        compute="_compute_printed_days",
        help="How long the letter has been lying in the office.",
    )
    posted_on = fields.Date("Handed to the post on", readonly=True, copy=False)
    posting_number = fields.Char(
        "Post's confirmation number",
        readonly=True,
        copy=False,
        help="Of the postal operator's list of letters, or of the registered letter.",
    )

    _letters = models.Index("(id) WHERE state = 'printed'")

    @api.depends("date_printed", "state")
    def _compute_printed_days(self):
        now = fields.Datetime.now()
        for row in self:
            lies = row.state == "printed" and row.date_printed
            row.printed_days = (now - row.date_printed).days if lies else 0

    def action_post(self):
        """Open the form that asks for the day and the operator's number."""
        letters = self.filtered(lambda row: row.state == "printed")
        if not letters:
            raise UserError(self.env._("Choose letters that are printed and not handed over yet."))
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_einvoice.pwik_delivery_posting_action")
        return {**action, "context": {"default_delivery_ids": letters.ids}}

    def _post(self, day, number=None):
        """The post has these letters: they are delivered, and their batches with them.

        :param day: day of handing over; not in the future, not before they were printed
        :param number: the operator's confirmation, or none
        :raise UserError: the day cannot be; a letter is not printed or is posted already
        """
        if not self:
            return
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if self.filtered(lambda row: row.state != "printed"):
            raise UserError(
                self.env._(
                    "Some of these letters are not printed, or were handed over already. Open the list again."
                )
            )
        today = fields.Date.context_today(self)
        if day > today:
            raise UserError(self.env._("The day of handing over cannot be in the future."))
        printed = max(fields.Datetime.context_timestamp(self, row.date_printed).date() for row in self)
        if day < printed:
            raise UserError(
                self.env._(
                    "These letters were printed on %s: they cannot have been handed over before.",
                    format_date(self.env, printed),
                )
            )
        moment = fields.Datetime.now() if day == today else datetime.combine(day, NOON)
        for row in self:
            row._done(date_done=moment, posted_on=day, posting_number=number or False)
        self.batch_id._close_if_posted()

    def _take_back_posting(self):
        """Way back: the post has not got these letters after all."""
        self.write({"state": "printed", "date_done": False, "posted_on": False, "posting_number": False})
        for move in self.move_id:
            others = move.sudo().pwik_delivery_ids.filtered(lambda row: row.state == "done")
            if not others:
                move._pwik_note(is_move_sent=False)
