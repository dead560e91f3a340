import base64
import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..domain.errors import KeyFileError, PasswordError
from ..domain.keys import read_keys
from ..tools import keyring

_logger = logging.getLogger(__name__)

KEYS_GROUP = "pwik_radio_reading.pwik_radio_group_keys"


class PwikRadioModule(models.Model):
    """The keys of overlays, and whether what no key proves counts.

    A key is stored encrypted with the server's key (``tools.keyring``) in ``aes_key``, which nobody may read; it is written by
    :meth:`set_key` or ``key_input`` and never read back.
    """

    _inherit = "pwik.radio.module"

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
    accepts_clear = fields.Boolean(
        "Takes telegrams in clear",
        tracking=True,
        copy=False,
        help="Of an overlay with a key only telegrams count which that key opens: anybody could send others in its name."
        " Set this for an overlay that sends in clear on purpose, or whose telegrams are decrypted before they are recorded.",
    )

    _key_encrypted = models.Constraint(
        "CHECK(aes_key LIKE 'gAAAA%')",
        "A key of an overlay is stored encrypted only.",
    )

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

    @api.model_create_multi
    def create(self, vals_list):
        modules = super().create(vals_list)
        if any(module.accepts_clear for module in modules):
            self._check_may_set_keys()
        return modules

    def write(self, vals):
        if "accepts_clear" in vals and any(module.accepts_clear != vals["accepts_clear"] for module in self):
            self._check_may_set_keys()
        return super().write(vals)

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
    def _check_may_set_keys(self):
        if not (self.env.su or self.env.user.has_group(KEYS_GROUP)):
            raise AccessError(self.env._("Only members of the group “Keys of radio overlays” set keys."))

    @api.model
    def _get_keyring(self):
        """The server's keyring; what is wrong with it is told in the user's words."""
        try:
            return keyring.get_keyring()
        except keyring.MissingServerKey:
            raise keyring.ServerKeyError(
                self.env._(
                    "The server has no key to encrypt overlay keys with. The administrator puts a Fernet key into the option"
                    " pwik_radio_key of the configuration file or into the environment variable PWIK_RADIO_KEY."
                )
            ) from None
        except keyring.BadServerKey:
            raise keyring.ServerKeyError(
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

    def action_accept_clear(self):
        """Let telegrams in clear count for these overlays, and run those again that waited for it.

        :return: a notification
        :raises AccessError: the user is not in the group that keeps keys
        """
        self.write({"accepts_clear": True})
        lines = self.env["pwik.radio.dump.line"].search(
            [("module_id", "in", self.ids), ("state", "=", "error"), ("reason", "=", "in_clear")]
        )
        lines.action_run_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Overlays that take telegrams in clear from now on: %(overlays)s. Telegrams run again: %(lines)s.",
                    overlays=len(self),
                    lines=len(lines),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_refuse_clear(self):
        """Of these overlays only telegrams count again which their key opens.

        :raises AccessError: the user is not in the group that keeps keys
        """
        self.write({"accepts_clear": False})
