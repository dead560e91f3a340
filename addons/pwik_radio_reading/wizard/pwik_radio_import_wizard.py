from itertools import islice

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import UserError

from ..domain import formats
from ..domain.errors import DomainError
from ..domain.wmbus import address
from ..models.pwik_radio_dump import FILE_ERRORS

# Enough to show that the file was understood; a large file is counted to its end only when it is imported.
LOOKED_AT = 20_000
FIRST_LINES = 100
REMARKS = [
    ("duplicate", "This file was imported already."),
    ("too_large", "The file is too large."),
    *FILE_ERRORS,
]


class PwikRadioImportWizard(models.TransientModel):
    """Import of dumps by a person: choose files, see what was recognised, import."""

    _name = "pwik.radio.import.wizard"
    _description = "Import of dumps"

    attachment_ids = fields.Many2many("ir.attachment", string="Choose files", bypass_search_access=True)
    file_ids = fields.One2many("pwik.radio.import.wizard.file", "wizard_id", "Recognised")
    wants_profile = fields.Boolean("A file needs a mapping profile", compute="_compute_wants_profile")
    profile_id = fields.Many2one(
        "pwik.dump.profile",
        "Mapping profile",
        help="For vendors' exports (CSV, XLSX); files of a known format are read without one.",
    )

    wants_moment = fields.Boolean("A file has no times", compute="_compute_wants_moment")
    recorded_at = fields.Datetime(
        "Recorded at", help="For telegrams of which neither the file nor the overlay tells the moment."
    )

    @api.depends("file_ids.is_timeless")
    def _compute_wants_moment(self):
        for wizard in self:
            wizard.wants_moment = any(wizard.file_ids.mapped("is_timeless"))

    @api.depends("file_ids.error")
    def _compute_wants_profile(self):
        for wizard in self:
            wizard.wants_profile = any(
                file.error in ("unknown_format", "bad_profile")
                and (file.name or "").lower().endswith((".csv", ".xlsx", ".txt"))
                for file in wizard.file_ids
            )

    @api.onchange("attachment_ids", "profile_id")
    def _onchange_attachment_ids(self):
        self.file_ids = [fields.Command.clear()] + [
            fields.Command.create(self._prepare_file(attachment)) for attachment in self.attachment_ids
        ]

    def _prepare_file(self, attachment):
        dumps = self.env["pwik.radio.dump"]
        data = attachment._origin.raw or b""
        vals = {"name": attachment.name, "size": len(data)}
        if len(data) > dumps._get_max_size():
            return {**vals, "error": "too_large"}
        known = dumps.search(
            [("sha256", "=", dumps._get_digest(data)), ("company_id", "=", self.env.company.id)],
            limit=1,
        )
        if known:
            return {**vals, "error": "duplicate", "dump_id": known.id}
        try:
            return {**vals, **self._look_into(data, attachment.name)}
        except DomainError as error:
            pass_on(error)
            return {**vals, "error": error.code if error.code in dict(FILE_ERRORS) else "bad_file"}

    def _get_profile(self, data, filename):
        """The profile that this file is read with: none where its format is known."""
        profiles = self.env["pwik.dump.profile"]
        if self.env["pwik.radio.dump"]._get_format(data):
            return profiles
        return self.profile_id or profiles._find_for(filename)

    def _look_into(self, data, filename):
        """What the first lines of a file hold: format, telegrams, overlays known and not."""
        senders, telegrams, timeless, bad, number = set(), 0, 0, 0, 0
        dumps = self.env["pwik.radio.dump"]
        profile = self._get_profile(data, filename)
        for number, line in enumerate(formats.read_dump(data, parser=profile._get_parser()), 1):
            try:
                if line.error:
                    raise line.error
                senders.add(self._get_sender(line))
                telegrams += 1
                timeless += not line.received
            except DomainError:
                bad += 1
            if number == LOOKED_AT:
                break
        known = set(
            self.env["pwik.radio.module"]
            .search([("serial", "in", list(senders)), ("company_id", "=", self.env.company.id)])
            .mapped("serial")
        )
        return {
            "format_code": profile.name or dumps._get_format_name(dumps._get_format(data)),
            "telegram_count": telegrams,
            "bad_count": bad,
            "known_count": len(senders & known),
            "unknown_count": len(senders - known),
            "is_cut": number == LOOKED_AT,
            "is_timeless": bool(timeless),
        }

    def _is_timeless(self, data, profile):
        """Whether telegrams among the first lines of a file have no time."""
        if not self.recorded_at:
            return False
        try:
            first = list(islice(formats.read_dump(data, parser=profile._get_parser()), FIRST_LINES))
        except DomainError as error:
            pass_on(error)
            return False
        return any(not (line.error or line.received) for line in first)

    @staticmethod
    def _get_sender(line):
        """Radio ID of a line that holds a telegram or a decoded value."""
        return (line.value or address(line.telegram or b"")).id.upper()

    def action_import(self):
        """Import the files; small ones at once, larger ones in the background.

        :return: action that shows the dump, or all of them, and tells which files were left out
        :raises UserError: no file was chosen, or all of them are empty or too large
        """
        self.ensure_one()
        dumps = self.env["pwik.radio.dump"]
        dumps._check_may_import()
        if not self.attachment_ids:
            raise UserError(self.env._("Choose at least one file."))
        if self.recorded_at:
            dumps._check_recorded_at(self.recorded_at)
        taken, refused = dumps.sudo(), []
        for attachment in self.attachment_ids:
            data = attachment.raw or b""
            if refusal := self._get_refusal(attachment.name, data):
                refused.append(refusal)
                continue
            profile = self._get_profile(data, attachment.name)
            told = self.recorded_at if self._is_timeless(data, profile) else False
            dump, _duplicate = dumps._take_in(
                data, attachment.name, "wizard", profile_id=profile.id, recorded_at=told
            )
            taken |= dump
        if not taken:
            raise UserError("\n".join(refused))
        taken.filtered(lambda dump: dump.state == "new")._import_now()
        action = self._get_report_action(taken)
        return self._tell_refused(refused, action) if refused else action

    def _get_refusal(self, name, data):
        """Why a file is not even taken in, or None: one of several must not keep the others out."""
        limit = self.env["pwik.radio.dump"]._get_max_size()
        if not data:
            return self.env._("The file %s is empty.", name)
        if len(data) > limit:
            return self.env._(
                "The file %(name)s is larger than %(limit)s MB.", name=name, limit=limit // 1024 // 1024
            )
        return None

    def _tell_refused(self, refused, action):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Not imported"),
                "message": " ".join(refused),
                "sticky": True,
                "next": action,
            },
        }

    def _get_report_action(self, taken):
        action = self.env["ir.actions.actions"]._for_xml_id("pwik_radio_reading.pwik_radio_dump_action")
        if len(taken) == 1:
            action.update(views=[(False, "form")], res_id=taken.id)
        else:
            action["domain"] = [("id", "in", taken.ids)]
        return action


class PwikRadioImportWizardFile(models.TransientModel):
    _name = "pwik.radio.import.wizard.file"
    _description = "File of an import of dumps"

    wizard_id = fields.Many2one("pwik.radio.import.wizard", required=True, ondelete="cascade")
    name = fields.Char("File", readonly=True)
    size = fields.Integer("Size [B]", readonly=True)
    format_code = fields.Char("Format", readonly=True)
    telegram_count = fields.Integer("Telegrams", readonly=True)
    bad_count = fields.Integer("Bad lines", readonly=True)
    known_count = fields.Integer("Known overlays", readonly=True)
    unknown_count = fields.Integer("Unknown overlays", readonly=True)
    is_cut = fields.Boolean("Only the beginning was counted", readonly=True)
    is_timeless = fields.Boolean("Telegrams without a time", readonly=True)
    dump_id = fields.Many2one("pwik.radio.dump", "Imported as", readonly=True)
    error = fields.Selection(REMARKS, "Remark", readonly=True)
