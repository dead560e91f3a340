import base64
import logging
import re
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain.errors import KeyFileError, PasswordError
from ..domain.keys import read_keys
from ..tools import keyring

_logger = logging.getLogger(__name__)

KEYS_GROUP = "pwik_radio_reading.pwik_radio_group_keys"


class ServerKeyError(UserError):
    """The server has no usable key of its own."""


class Overlay(NamedTuple):
    """An overlay as the import needs it. ``token``: its key as stored, encrypted; None without one."""

    id: int
    serial: str
    manufacturer: str
    version: str | None
    medium: str | None
    token: str | None = None

    def __repr__(self):
        # like the record: no key in logs, in whatever form
        return f"Overlay({self.id}, {self.serial})"


class PwikRadioModule(models.Model):
    """Radio overlay on a water meter (nakładka radiowa).

    Its AES key is stored encrypted with the server's key (``tools.keyring``) in ``aes_key``, which nobody may read; the key
    itself is written by :meth:`set_key` or ``key_input`` and never read back.
    """

    _name = "pwik.radio.module"
    _description = "Radio overlay"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "manufacturer, serial"
    _rec_name = "display_name"
    _rec_names_search = ["serial"]
    _check_company_auto = True

    serial = fields.Char(
        "Radio ID",
        required=True,
        tracking=True,
        copy=False,
        help="Identification number of 8 digits which the overlay sends (printed on it).",
    )
    manufacturer = fields.Char(
        required=True,
        size=3,
        tracking=True,
        help="Three letters (EN 62056-21), for instance APA or KAM.",
    )
    version = fields.Char(
        size=2, tracking=True, help="Generation of the device: two hexadecimal digits, as sent."
    )
    medium = fields.Char(
        size=2, default="07", tracking=True, help="Two hexadecimal digits, as sent; 07 is water."
    )
    model = fields.Char("Type")
    protocol = fields.Selection([("wmbus", "Wireless M-Bus")], required=True, default="wmbus")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    # Nobody needs the encrypted form either: who sets keys writes `key_input`, the decoder reads as the program
    aes_key = fields.Char("Encrypted key", groups=fields.NO_ACCESS, copy=False, readonly=True)
    has_key = fields.Boolean(
        "Key is set",
        compute="_compute_has_key",
        search="_search_has_key",
        compute_sudo=True,
    )
    key_input = fields.Char(
        "New key",
        compute="_compute_key_input",
        inverse="_inverse_key_input",
        groups=KEYS_GROUP,
        copy=False,
        help="32 hexadecimal digits (AES-128). Written only: it is stored encrypted and never shown again.",
    )
    battery_until = fields.Date("Battery until", tracking=True)
    last_seen = fields.Datetime("Last heard", readonly=True, copy=False)
    last_rssi = fields.Integer("Signal [dBm]", readonly=True, copy=False, aggregator="avg")
    assignment_ids = fields.One2many("pwik.radio.module.assignment", "module_id", "Meters over time")
    meter_id = fields.Many2one(
        "pwik.meter",
        compute="_compute_meter_id",
        search="_search_meter_id",
    )
    service_point_id = fields.Many2one(related="meter_id.service_point_id")
    alarm_ids = fields.One2many("pwik.radio.alarm", "module_id", "Alarms")
    open_alarm_count = fields.Integer("Open alarms", compute="_compute_open_alarm_count")
    line_ids = fields.One2many("pwik.radio.dump.line", "module_id", "Telegrams")

    # The serial first: a dump asks for thousands at once (a trigram index would answer that a thousand times slower)
    _address_unique = models.UniqueIndex(
        "(serial, company_id, manufacturer, COALESCE(version, ''), COALESCE(medium, ''))",
        "An overlay with this manufacturer, ID, version and medium exists already.",
    )
    _serial_digits = models.Constraint(
        "CHECK(serial ~ '^[0-9A-F]{8}$')",
        "The radio ID of an overlay has 8 digits.",
    )

    _key_encrypted = models.Constraint(
        "CHECK(aes_key LIKE 'gAAAA%')",
        "A key of an overlay is stored encrypted only.",
    )

    def init(self):
        # each dump says of each overlay when it was heard: with room on its page a row is written without its indexes
        self.env.cr.execute("ALTER TABLE pwik_radio_module SET (fillfactor = 80)")

    @api.depends("manufacturer", "serial")
    def _compute_display_name(self):
        for module in self:
            module.display_name = f"{module.manufacturer or ''} {module.serial or ''}".strip()

    @api.depends("aes_key")
    def _compute_has_key(self):
        for module in self:
            module.has_key = bool(module.aes_key)

    def _search_has_key(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: whether a key is there is no secret, and says nothing of what it is
        keyed = self.sudo()._search([("aes_key", "!=", False)])
        if True in value and False in value:
            return [(1, "=", 1)]
        return [("id", "in" if True in value else "not in", keyed)]

    def _compute_key_input(self):
        self.key_input = False

    def _inverse_key_input(self):
        for module in self.filtered("key_input"):
            module.set_key(module.key_input)

    @api.depends("assignment_ids.date_from", "assignment_ids.date_to", "assignment_ids.meter_id")
    def _compute_meter_id(self):
        now = fields.Datetime.now()
        for module in self:
            module.meter_id = module.assignment_ids.filtered(
                lambda line: line.date_from <= now and (not line.date_to or line.date_to > now)
            ).meter_id[:1]

    def _search_meter_id(self, operator, value):
        now = fields.Datetime.now()
        current = [("date_from", "<=", now), "|", ("date_to", "=", False), ("date_to", ">", now)]
        if operator == "in" and False in value:
            return ["!", ("assignment_ids", "any", current)]
        return [("assignment_ids", "any", [*current, ("meter_id", operator, value)])]

    @api.depends("alarm_ids.state")
    def _compute_open_alarm_count(self):
        counts = dict(
            self.env["pwik.radio.alarm"]._read_group(
                [("module_id", "in", self.ids), ("state", "=", "open")],
                ["module_id"],
                ["__count"],
            )
        )
        for module in self:
            module.open_alarm_count = counts.get(module, 0)

    @api.constrains("manufacturer", "version", "medium")
    def _check_address(self):
        for module in self:
            if not re.fullmatch(r"[A-Z@\[\]\\^_]{3}", module.manufacturer or ""):
                raise ValidationError(
                    self.env._("The manufacturer of an overlay is given by three capital letters.")
                )
            for value in (module.version, module.medium):
                if value and not re.fullmatch(r"[0-9A-F]{2}", value):
                    raise ValidationError(self.env._("Version and medium are two hexadecimal digits each."))

    @api.model
    def _prepare_address(self, vals):
        """Write an address the way telegrams carry it: capitals, leading zeros, empty instead of ""."""
        vals = dict(vals)
        for name, width in (("manufacturer", 0), ("serial", 8), ("version", 2), ("medium", 2)):
            if vals.get(name):
                vals[name] = str(vals[name]).strip().upper().zfill(width)
            elif name in vals:
                vals[name] = False
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_address(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._prepare_address(vals))

    def set_key(self, key):
        """Store the AES key of these overlays, encrypted with the server's key.

        :param str key: 32 hexadecimal digits (blanks, colons, dashes ignored); False removes the key
        :raises AccessError: the user is not in the group that keeps keys
        :raises UserError: the key is not 16 bytes, or the server has no usable key of its own
        """
        self._check_may_set_keys()
        self.check_access("write")
        # sudo: the column is closed to everybody else; group and access to the records were checked above
        self.sudo().aes_key = self._encrypt_key(key) if key else False
        for module in self:
            module._message_log(body=self.env._("Key set.") if key else self.env._("Key removed."))

    @api.model
    def _encrypt_key(self, key):
        raw = keyring.parse_hex_key(key)
        if raw is None:
            raise UserError(self.env._("A key of an overlay has 32 hexadecimal digits (AES-128)."))
        return self._get_keyring().encrypt(raw)

    @api.model
    def import_keys(self, content, password=None):
        """Set the keys which a key file (CSV, Kamstrup KEM) has for overlays that are known here.

        :param str content: the file, base64
        :param str password: of a KEM file
        :return: ``{"set": int, "module_ids": [id, …], "unknown": [radio ID, …], "problems": [{"row": int, "code": str,
            "message": str}, …]}``; no key is in it
        :raises AccessError: the user is not in the group that keeps keys
        :raises UserError: the file cannot be read, or the server has no usable key of its own
        """
        self._check_may_set_keys()
        try:
            file = read_keys(base64.b64decode(content or "", validate=True), password or None)
        except PasswordError:
            raise UserError(
                self.env._("The password does not open this KEM file.")
                if password
                else self.env._("This KEM file is encrypted: enter its password.")
            ) from None
        except (KeyFileError, ValueError) as error:
            pass_on(error)
            raise UserError(
                self.env._(
                    "This is no key file: neither a CSV list with columns for the radio ID and the key, nor a KEM file of"
                    " Kamstrup."
                )
            ) from None
        known = self._get_by_serial({row.id.upper() for row in file.rows})
        unknown, keyed, done = [], [], 0
        # a row that names more of the address goes after, so that its key stands
        for row in sorted(file.rows, key=lambda row: (row.version is not None) + (row.medium is not None)):
            modules = known.get(row.id.upper(), self.browse())._filter_by_address(row)
            if modules:
                modules.set_key(row.key.hex())
                keyed += modules.ids
                done += 1
            else:
                unknown.append(row.id.upper())
        problems = [{"row": p.number, "code": p.code, "message": p.message} for p in file.problems]
        return {"set": done, "module_ids": keyed, "unknown": unknown, "problems": problems}

    def _filter_by_address(self, row):
        """Those of these overlays whose key a row of a key file holds.

        What either side does not say fits all; where some have all that the row names, only these.
        """
        told = (("version", row.version), ("medium", row.medium))
        named = [(name, value) for name, value in told if value is not None]
        fitting = self.filtered(
            lambda module: (
                row.manufacturer in ("", module.manufacturer)
                and all(not module[name] or int(module[name], 16) == value for name, value in named)
            )
        )
        said = {module: sum(bool(module[name]) for name, _value in named) for module in fitting}
        most = max(said.values(), default=0)
        return fitting.filtered(lambda module: said[module] == most)

    @api.model
    def _get_by_serial(self, serials):
        """Overlays of this company by radio ID: ``{serial: recordset}``."""
        found = {}
        for module in self.search(
            [("serial", "in", list(serials)), ("company_id", "=", self.env.company.id)]
        ):
            found[module.serial] = found.get(module.serial, self.browse()) | module
        return found

    @api.model
    def _check_may_set_keys(self):
        if not (self.env.su or self.env.user.has_group(KEYS_GROUP)):
            raise AccessError(self.env._("Only members of the group “Keys of radio overlays” set keys."))

    @api.model
    def _get_keyring(self):
        """The server's keyring; what is wrong with it is told in the user's words."""
        try:
            return keyring.get_keyring()
        except keyring.MissingServerKey:
            raise ServerKeyError(
                self.env._(
                    "The server has no key to encrypt overlay keys with. The administrator puts a Fernet key into the option"
                    " pwik_radio_key of the configuration file or into the environment variable PWIK_RADIO_KEY."
                )
            ) from None
        except keyring.BadServerKey:
            raise ServerKeyError(
                self.env._(
                    "The server's key for overlay keys (pwik_radio_key) is no Fernet key: 44 characters of URL-safe base64."
                )
            ) from None

    @api.model
    def action_renew_keys(self):
        """Encrypt the keys of all overlays anew with the server's first key, so that the others may be taken away.

        :return: a notification: how many there are, and how many none of the server's keys opens, which stay as they are
        :raises AccessError: the user is not in the group that keeps keys
        :raises UserError: the server has no usable key of its own
        """
        self._check_may_set_keys()
        # sudo: of all companies, since the server's key is one; nothing of a key is shown
        keyed = self.sudo().with_context(active_test=False).search([("aes_key", "!=", False)])
        renewed = self._get_keyring().renew(keyed.mapped("aes_key"))
        rows = [(module.id, token) for module, token in zip(keyed, renewed, strict=True) if token]
        if rows:
            self.env.cr.execute(
                SQL(
                    "UPDATE pwik_radio_module m SET aes_key = v.token"
                    " FROM unnest(%s::int[], %s::text[]) AS v(id, token) WHERE m.id = v.id",
                    *map(to_array, zip(*rows, strict=True)),
                )
            )
            keyed.invalidate_recordset(["aes_key"])
        lost = len(keyed) - len(rows)
        _logger.info("Keys of %s overlays encrypted anew by %s, %s not opened", len(rows), self.env.uid, lost)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if lost else "success",
                "sticky": bool(lost),
                "message": self.env._(
                    "Keys encrypted anew with the server's first key: %(count)s. Keys that no key of the server opens, to be"
                    " entered again: %(lost)s.",
                    count=len(rows),
                    lost=lost,
                ),
            },
        }

    def _get_keys(self):
        """Keys of these overlays in clear, for the decoder only.

        :return: ``{module_id: 16 bytes or None}``; None: no key, or encrypted with a server key that is gone
        :raises ServerKeyError: some overlay has a key and the server has none of its own
        """
        # sudo: the decoder works for whoever imports; no caller hands a key on
        return self._open_keys({module.id: module.aes_key for module in self.sudo()})

    @api.model
    def _open_keys(self, tokens):
        """Keys in clear, for the decoder only: ``{module_id: token or None}`` to what ``_get_keys`` gives."""
        kept = {module_id: token for module_id, token in tokens.items() if token}
        if not kept:
            return dict.fromkeys(tokens)
        opened = self._get_keyring().decrypt_all(list(kept.values()))
        return {**dict.fromkeys(tokens), **dict(zip(kept, opened, strict=True))}

    @api.model
    def _get_overlays(self, serials, company):
        """Overlays in use as plain values, for matching many telegrams: ``{radio ID: [Overlay, …]}``."""
        self.flush_model([*Overlay._fields[1:-1], "aes_key", "company_id", "active"])
        self.env.cr.execute(
            SQL(
                """
            SELECT id, serial, manufacturer, version, medium, aes_key FROM pwik_radio_module
             WHERE serial = ANY(%s::text[]) AND company_id = %s AND active
          ORDER BY manufacturer, id
            """,
                to_array(serials),
                company.id,
            )
        )
        found = {}
        for row in map(Overlay._make, self.env.cr.fetchall()):
            found.setdefault(row.serial, []).append(row)
        return found

    def action_rerun_lines(self):
        """Run the kept telegrams of these overlays again, after a key or an assignment was added."""
        lines = self._get_kept_lines()
        lines.action_run_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if lines else "warning",
                "message": self.env._("Telegrams run again: %s", len(lines))
                if lines
                else self.env._("No telegram of this overlay waits."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_kept_lines(self, since=None):
        """Telegrams of these overlays that gave nothing for want of a key, an overlay or an assignment.

        :param since: a moment from which these overlays sit on another meter: telegrams from then on whose reading was
            rejected come with them
        """
        lines = self.env["pwik.radio.dump.line"].search(self._get_kept_domain())
        if since:
            heard = Domain("received", ">=", since) | (
                Domain("received", "=", False) & Domain("value_moment", ">=", since)
            )
            rejected = Domain("module_id", "in", self.ids) & Domain("reading_id.state", "=", "rejected")
            lines |= lines.search(rejected & heard)
        return lines

    def _get_kept_domain(self):
        # an overlay that was entered after it was heard is on its lines by its number only
        return Domain("state", "in", ("error", "quarantine")) & (
            Domain("module_id", "in", self.ids)
            | (Domain("module_id", "=", False) & Domain("serial", "in", self.mapped("serial")))
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if self.assignment_ids or self.line_ids:
            raise UserError(
                self.env._("An overlay with a history is kept: archive it instead of deleting it.")
            )
