import psycopg2
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..models.pwik_radio_module_keys import KEYS_GROUP

# Overlays in one form; those that are left come with the next.
MOST_ROWS = 80


class PwikRadioAssignWizard(models.TransientModel):
    """Put overlays that were heard and belong to no meter on meters, many at once; then their telegrams run again."""

    _name = "pwik.radio.assign.wizard"
    _description = "Assignment of overlays"

    line_ids = fields.One2many("pwik.radio.assign.wizard.line", "wizard_id", "Overlays")
    left_count = fields.Integer("Overlays that wait beside these", readonly=True)
    asks_maker = fields.Boolean(compute="_compute_asks")
    asks_module = fields.Boolean("Asks which overlay", compute="_compute_asks")

    @api.depends("line_ids.asks_maker", "line_ids.asks_module")
    def _compute_asks(self):
        for wizard in self:
            wizard.asks_maker = any(wizard.line_ids.mapped("asks_maker"))
            wizard.asks_module = any(wizard.line_ids.mapped("asks_module"))

    @api.model
    def default_get(self, fields_list):
        defaults = super().default_get(fields_list)
        if "line_ids" in fields_list and self.env.context.get("active_model") == "pwik.radio.dump.line":
            heard, defaults["left_count"] = self._get_heard(self.env.context.get("active_ids"))
            defaults["line_ids"] = [Command.create(vals) for vals in self._prepare_lines(heard)]
        return defaults

    @api.model
    def _get_heard(self, selected=None):
        """The overlays of kept telegrams, counted by the database: of one overlay there may be thousands.

        :param selected: ids of the telegrams that are asked for; none: of all that wait, those of the overlays that were
            heard most, as many as fit a form
        :return: ``(list of (number of telegrams, first heard or False, newest telegram), overlays left out)``, by address
        """
        lines = self.env["pwik.radio.dump.line"]
        domain = Domain("state", "=", "quarantine") & Domain("ident", "!=", False)
        if selected:
            domain &= Domain("id", "in", selected)
        groups = lines._read_group(
            domain,
            ["ident"],
            ["__count", "received:min"],
            order="__count desc, ident",
            limit=None if selected else MOST_ROWS,
        )
        if not groups:
            return [], 0
        left = 0
        if len(groups) == MOST_ROWS and not selected:
            left = lines._read_group(domain, aggregates=["ident:count_distinct"])[0][0] - MOST_ROWS
        newest = self._get_newest(domain & Domain("ident", "in", [ident for ident, *_counts in groups]))
        heard = sorted((ident, count, first) for ident, count, first in groups)
        return [(count, first, newest[ident]) for ident, count, first in heard], left

    @api.model
    def _get_newest(self, domain):
        """``{ident: its telegram that was heard last}``"""
        query = self.env["pwik.radio.dump.line"]._search(
            domain, order="ident, received desc nulls last, id desc"
        )
        columns = [SQL.identifier(query.table, name) for name in ("ident", "id")]
        rows = self.env.execute_query(query.select(SQL("DISTINCT ON (%s) %s", *columns)))
        lines = self.env["pwik.radio.dump.line"].browse([line_id for (line_id,) in rows])
        return {line.ident: line for line in lines}

    @api.model
    def _prepare_lines(self, heard):
        """One row for each overlay; a meter with the overlay's number is proposed.

        :param heard: as ``_get_heard`` gives it
        """
        serials = [spelling for *_counts, line in heard for spelling in self._get_spellings(line.serial)]
        known = self._get_known_modules([line for *_counts, line in heard])
        meters = {
            meter.serial.lstrip("0"): meter.id
            for meter in self.env["pwik.meter"].search([("serial", "in", serials)])
        }
        return [
            {
                **{name: line[name] for name in ("ident", "manufacturer", "serial", "version", "medium")},
                "module_id": known[line].id if len(known[line]) == 1 else False,
                "candidate_ids": [Command.set(known[line].ids)],
                "asks_maker": not (line.manufacturer or known[line]),
                "asks_module": len(known[line]) > 1,
                "telegram_count": count,
                "last_value": line.value,
                "has_value": line.has_value,
                "heard_from": first or line.value_moment or fields.Datetime.now(),
                "meter_id": meters.get(line.serial.lstrip("0")),
            }
            for count, first, line in heard
        ]

    @api.model
    def _get_known_modules(self, lines):
        """The overlay of each telegram where it is there already: the one it was matched with, or those that it may be of by
        what it tells of its address, of which somebody must choose one; else none.

        :param lines: list of ``pwik.radio.dump.line``
        :return: ``{line: pwik.radio.module}``
        """
        unmatched = [line for line in lines if not line.module_id]
        known = self.env["pwik.radio.module"]._get_fitting(unmatched) if unmatched else {}
        return {line: known.get(line, line.module_id) for line in lines}

    @staticmethod
    def _get_spellings(serial):
        return {serial, serial.lstrip("0")}

    def action_assign(self):
        """Make overlays and assignments of the rows that name a meter, and run the telegrams of these overlays again."""
        self.ensure_one()
        rows = self.line_ids.filtered("meter_id")
        if not rows:
            raise UserError(self.env._("Choose a meter for at least one overlay."))
        modules = {row.ident: row._assign_or_tell() for row in rows}
        lines = self.env["pwik.radio.dump.line"].search(
            [("state", "=", "quarantine"), ("ident", "in", rows.mapped("ident"))]
        )
        for row in rows.filtered("asks_module"):
            lines.filtered(lambda line, row=row: line.ident == row.ident)._tell_overlay(modules[row.ident])
        lines.action_run_again()
        return {"type": "ir.actions.act_window_close"}


class PwikRadioAssignWizardLine(models.TransientModel):
    _name = "pwik.radio.assign.wizard.line"
    _description = "Overlay to assign"

    wizard_id = fields.Many2one("pwik.radio.assign.wizard", required=True, ondelete="cascade")
    ident = fields.Char("Overlay", required=True)
    module_id = fields.Many2one("pwik.radio.module", "Known overlay")
    candidate_ids = fields.Many2many("pwik.radio.module", string="Overlays of this number")
    asks_module = fields.Boolean("Asks which overlay")
    manufacturer = fields.Char(size=3)
    asks_maker = fields.Boolean()
    serial = fields.Char("Radio ID")
    version = fields.Char()
    medium = fields.Char()
    telegram_count = fields.Integer("Telegrams")
    last_value = fields.Float("Value [m³]", digits=(16, 3))
    has_value = fields.Boolean("Has a value")
    heard_from = fields.Datetime("First heard")
    meter_id = fields.Many2one("pwik.meter")
    service_point_id = fields.Many2one(related="meter_id.service_point_id")
    date_from = fields.Datetime("On the meter from", compute="_compute_date_from", store=True, readonly=False)
    # A wizard is stored for a while too: the key waits encrypted here as well
    aes_key = fields.Char("Encrypted key", groups=fields.NO_ACCESS)
    key_input = fields.Char(
        "Key",
        compute="_compute_key_input",
        inverse="_inverse_key_input",
        groups=KEYS_GROUP,
        help="32 hexadecimal digits, where the overlay encrypts.",
    )

    @api.onchange("module_id")
    def _onchange_module_id(self):
        if self.asks_module:
            self.meter_id = self.module_id.meter_id

    @api.depends("meter_id")
    def _compute_date_from(self):
        """Since the meter was installed, unless it had another overlay before: then since this one was heard."""
        for row in self:
            installed = row.meter_id.installation_id.date_from
            start = row.heard_from
            if installed and not row.meter_id.radio_assignment_ids:
                start = min(filter(None, (fields.Datetime.to_datetime(installed), row.heard_from)))
            row.date_from = start

    def _compute_key_input(self):
        self.key_input = False

    def _inverse_key_input(self):
        for row in self.filtered("key_input"):
            row.sudo().aes_key = self.env["pwik.radio.module"]._encrypt_key(row.key_input)

    def _assign_or_tell(self):
        """:return: the overlay; raises UserError: it cannot be done; among eighty rows the message names the overlay"""
        try:
            with self.env.cr.savepoint():
                return self._assign()
        except psycopg2.IntegrityError as error:
            modules, stays = self.env["pwik.radio.module"], self.env["pwik.radio.module.assignment"]
            model = modules if error.diag.table_name == modules._table else stays
            raise self._name_fault(model._sql_error_to_message(error)) from error
        except UserError as error:
            raise self._name_fault(error) from error

    def _name_fault(self, fault):
        return UserError(self.env._("%(overlay)s: %(fault)s", overlay=self.ident, fault=fault))

    def _assign(self):
        """The overlay (made when it is not there yet) and its assignment. :return: the overlay"""
        self.ensure_one()
        module = self._get_module()
        # sudo: the column is closed to those who have no keys to enter; they leave it empty
        token = self.sudo().aes_key
        if token:
            module.sudo().aes_key = token
        if self.asks_module and module.meter_id == self.meter_id:
            return module  # whose telegrams these are was all that was asked
        self.env["pwik.radio.module.assignment"].create(
            {
                "module_id": module.id,
                "meter_id": self.meter_id.id,
                "date_from": self.date_from,
            }
        )
        return module

    def _get_module(self):
        """The overlay: the one that was heard, or one of this address, or a new one.

        :raises UserError: neither the telegram nor the user names its maker, or which of several it is
        """
        if self.module_id and (not self.asks_module or self.module_id.serial == self.serial):
            return self.module_id
        if self.asks_module:
            raise UserError(
                self.env._(
                    "Several overlays have this number: choose the one that these telegrams come from (%s).",
                    ", ".join(self.candidate_ids.mapped("display_name")),
                )
            )
        if not self.manufacturer:
            raise UserError(
                self.env._("Enter the maker of this overlay, three letters: its telegrams do not name it.")
            )
        address = {name: self[name] for name in ("manufacturer", "serial", "version", "medium")}
        modules = self.env["pwik.radio.module"]
        # what an export does not tell fits all
        told = [(name, "in", (self[name], False)) for name in ("version", "medium") if self[name]]
        return modules.search(
            [
                ("manufacturer", "=", self.manufacturer.strip().upper()),
                ("serial", "=", self.serial),
                *told,
                ("company_id", "=", self.meter_id.company_id.id),
            ],
            limit=1,
        ) or modules.create({**address, "company_id": self.meter_id.company_id.id})
