import base64
import io
import logging
import random
import time
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.translate import code_translations

from ...domain.migration import KINDS, Archive, FileError, build_template, match_header, read_table, write_csv
from ...tools.garbage import without_collector
from ...tools.packets import pass_on
from .messages import get_file_message

_logger = logging.getLogger(__name__)

WORKING = ("reading", "checking", "running")
ATTEMPTS = 5
PACKET = 500
# Files up to here are done while the person waits.
AT_ONCE = 500


class PwikMigration(models.Model):
    """A file of a predecessor's data on its way into the register.

    Here: the file, its states and packets; ``pwik_migration_check.py``: the dry run, ``pwik_migration_run.py``: the real
    one; beside them what is special about each kind. A kind is described in ``domain/migration/kinds`` and has a method
    ``_create_<kind>``; it may have ``_check_<kind>`` and ``_check_whole_<kind>``.
    """

    _name = "pwik.migration"
    _description = "Import of a predecessor's data"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    kind = fields.Selection(
        "_get_kind_selection", "Kind of data", required=True, default="customers", tracking=True
    )
    kind_help = fields.Char(compute="_compute_kind_help")
    takes_archive = fields.Boolean(compute="_compute_kind_help")
    kind_order = fields.Char("Order of the imports", compute="_compute_kind_help")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    file = fields.Binary("File (CSV or XLSX)", attachment=True)
    file_name = fields.Char()
    archive = fields.Binary("Documents (ZIP)", attachment=True)
    archive_name = fields.Char()
    state = fields.Selection(
        [
            ("draft", "New"),
            ("reading", "Being read"),
            ("checking", "Being checked"),
            ("checked", "Checked"),
            ("running", "Being imported"),
            ("done", "Done"),
            ("failed", "Unreadable"),
        ],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    error = fields.Text("What is wrong with the file", readonly=True, copy=False)
    warning = fields.Text("To know", readonly=True, copy=False)
    header = fields.Json(readonly=True, copy=False, help="Titles of the file.")
    column_names = fields.Json(
        readonly=True, copy=False, help="Column of the kind for each title, or nothing."
    )
    row_ids = fields.One2many("pwik.migration.row", "migration_id", "Rows", copy=False)
    row_count = fields.Integer("Rows of the file", compute="_compute_counts")
    new_count = fields.Integer("Not checked yet", compute="_compute_counts")
    ok_count = fields.Integer("Good", compute="_compute_counts")
    bad_count = fields.Integer("Refused", compute="_compute_counts")
    known_count = fields.Integer("Already imported", compute="_compute_counts")
    different_count = fields.Integer("Differ from the register", compute="_compute_counts")
    done_count = fields.Integer("Imported", compute="_compute_counts")
    progress = fields.Float("Progress [%]", compute="_compute_counts")
    template_file = fields.Binary("Template", compute="_compute_template_file")
    bad_file = fields.Binary("Refused rows", compute="_compute_bad_file")

    # ------------------------------------------------------------------ kinds

    @api.model
    def _get_kinds(self):
        """``{code: Kind}``, in the order in which they are imported. Later addons add theirs."""
        return dict(KINDS)

    def _get_kind(self):
        self.ensure_one()
        return self._get_kinds()[self.kind]

    @api.model
    def _get_kind_selection(self):
        kinds = sorted(self._get_kinds().values(), key=lambda kind: kind.sequence)
        return [(kind.code, self._translate(kind, kind.label)) for kind in kinds]

    @api.model
    def _translate(self, kind, text, lang=None):
        """Label or help of a kind in a language; they are marked where they stand, in the addon of the kind."""
        addon = type(kind).__module__.split(".")[2]
        return code_translations.get_python_translations(addon, lang or self.env.lang or "en_US").get(
            text, text
        )

    @api.model
    def _get_column_label(self, kind, name):
        return self._translate(kind, kind.get_column(name).label)

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_kind_help(self):
        kinds = self._get_kinds()
        order = " → ".join(label for _code, label in self._get_kind_selection())
        for migration in self:
            kind = kinds.get(migration.kind)
            migration.kind_order = order
            migration.kind_help = self._translate(kind, kind.help) if kind else ""
            migration.takes_archive = bool(kind and kind.takes_archive)

    @api.depends("kind", "file_name")
    def _compute_name(self):
        for migration in self:
            migration.name = migration.file_name or self.env._("New import")

    # ------------------------------------------------------------------ what a person sees

    @api.depends("row_ids.state", "state")
    def _compute_counts(self):
        found = self.env["pwik.migration.row"]._read_group(
            [("migration_id", "in", self.ids)], ["migration_id", "state"], ["__count"]
        )
        counts = {(migration.id, state): count for migration, state, count in found}
        for migration in self:
            own = {
                name: counts.get((migration.id, name), 0)
                for name in ("new", "ok", "bad", "known", "different", "done")
            }
            for name, count in own.items():
                migration[f"{name}_count"] = count
            total = migration.row_count = sum(own.values())
            left = own["ok"] if migration.state == "running" else own["new"]
            migration.progress = 100 * (total - left) / total if total else 0

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_template_file(self):
        words = (
            self.env._("Data"),
            self.env._("Columns"),
            self.env._("Column"),
            self.env._("Required"),
            self.env._("Explanation"),
            self.env._("Example"),
            self.env._("yes"),
            self.env._("no"),
        )
        for migration in self:
            kind = migration._get_kind()
            content = build_template(kind, lambda text, kind=kind: self._translate(kind, text), words)
            migration.template_file = base64.b64encode(content)

    @api.depends("row_ids.state")
    @api.depends_context("lang")
    def _compute_bad_file(self):
        for migration in self:
            rows = migration.row_ids.filtered(lambda row: row.state in ("bad", "different"))
            header = [*(migration.header or []), self.env._("Row"), self.env._("Reason")]
            lines = [
                [
                    *(row.cells or []),
                    *[""] * (len(header) - 2 - len(row.cells or [])),
                    str(row.number),
                    row.reason,
                ]
                for row in rows
            ]
            migration.bad_file = base64.b64encode(write_csv(header, lines))

    def _get_download(self, field, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/pwik.migration/{self.id}/{field}/{name}?download=true",
            "target": "download",
        }

    def action_download_template(self):
        return self._get_download("template_file", f"{self.kind}.xlsx")

    def action_download_bad(self):
        return self._get_download("bad_file", f"{self.kind}-{self.id}.csv")

    def action_open_rows(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_migration_row_action")
        action["domain"] = [("migration_id", "=", self.id)]
        action["context"] = {f"search_default_{name}": 1 for name in self.env.context.get("row_states", ())}
        return action

    # ------------------------------------------------------------------ buttons

    def action_check(self):
        """Dry run: read the file and check each row; nothing enters the register."""
        self.check_access("write")
        for migration in self:
            if migration.state not in ("draft", "checked", "failed"):
                raise UserError(self.env._("This import is under way or done."))
            if not migration.file:
                raise UserError(self.env._("Choose a file first."))
            migration.sudo().row_ids.unlink()
            migration.write({"state": "reading", "error": False, "warning": False})
            migration._go_on()

    def action_run(self):
        """Real run: the good rows enter the register, the bad ones stay here with their reasons."""
        self.check_access("write")
        for migration in self:
            if migration.state != "checked":
                raise UserError(self.env._("Check the file first, then import it."))
            migration.state = "running"
            migration._go_on()

    def _go_on(self):
        """Small files at once, large ones in the background, packet by packet."""
        if self.state == "reading" and len(self.with_context(bin_size=False).file or b"") > 400 * AT_ONCE:
            return self._trigger_cron()
        if self.state == "reading":
            self._work_packet()
        if self.state in WORKING and self.row_count > AT_ONCE:
            return self._trigger_cron()
        self._process()

    # ------------------------------------------------------------------ packets

    @api.model
    def _trigger_cron(self):
        self.env.ref("pwik_meters.ir_cron_migration").sudo()._trigger()

    def _process(self):
        """Do all that is to do now, in the caller's transaction."""
        for migration in self:
            while migration._work_packet():
                pass

    @api.model
    def _cron_process(self):
        """Work on imports, oldest first; each packet is committed, so that a killed job goes on where it stood."""
        migrations = self.search([("state", "in", WORKING)], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(migrations))
        for migration in migrations:
            more = True
            while more:
                more = migration._run_isolated()
                left = self.env["ir.cron"]._commit_progress(0 if more else 1)
                if not left:
                    if more or migration != migrations[-1]:
                        self._trigger_cron()
                    return

    def _run_isolated(self):
        """A packet in a savepoint, again on a fresh snapshot when transactions met: crons get no retry from Odoo."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.env.cr.savepoint():
                    return self._work_packet()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if attempt == ATTEMPTS:
                    raise
                self.env.cr.rollback()
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        return False

    def _work_packet(self):
        """One step of this import, whatever its state asks for. :return: whether there is more to do"""
        self.ensure_one()
        # sudo: rows and keys are written by the import only; who may start it is checked at the buttons
        job = (
            self.sudo()
            .with_company(self.company_id)
            .with_context(
                active_test=False,
                tracking_disable=True,
                mail_create_nolog=True,
                mail_create_nosubscribe=True,
                mail_notrack=True,
            )
        )
        if not job.try_lock_for_update():
            return False
        job.invalidate_recordset()
        if job.state not in WORKING:
            return False
        try:
            with self.env.cr.savepoint(), without_collector():
                getattr(job, f"_work_{job.state}")()
        except FileError as error:
            pass_on(error)
            job.row_ids.unlink()
            job.write({"state": "failed", "error": get_file_message(job, error)})
        except Exception as error:
            pass_on(error)
            # A bad file must not switch off the scheduled action; the record tells, the log says more.
            _logger.exception("Import %s of %s failed", job.id, job.kind)
            job.write({"state": "failed", "error": f"{type(error).__name__}: {error}"[:500]})
        self.invalidate_recordset()
        return self.state in WORKING

    def _work_reading(self):
        """All rows of the file, as they stand there."""
        kind = self._get_kind()
        lines = read_table(base64.b64decode(self.with_context(bin_size=False).file))
        head = next(lines, None)
        if head is None:
            raise FileError("empty")
        if head.problems:
            raise FileError("header_bad")
        languages = {code for code, _name in self.env["res.lang"].get_installed()} | {"pl_PL"}
        labels = {
            column.name: [self._translate(kind, column.label, lang) for lang in languages]
            for column in kind.columns
        }
        names, strange = match_header(kind, head.cells, labels)
        self.write(
            {
                "state": "checking",
                "header": list(head.cells),
                "column_names": names,
                "warning": self.env._("Columns that are passed over: %s", ", ".join(strange))
                if strange
                else False,
            }
        )
        batch = []
        rows = self.env["pwik.migration.row"]
        for line in lines:
            batch.append(rows._prepare_line(self, line, names))
            if len(batch) == PACKET * 4:
                self._add_rows(batch)
                batch = []
        self._add_rows(batch)

    def _open_archive(self):
        """The documents beside the table, or None; read where they lie, because they may be many.

        :raise FileError: it is no ZIP
        """
        attachment = (
            self.env["ir.attachment"]
            .sudo()  # of this very import, which the user may read
            .search(
                [("res_model", "=", self._name), ("res_field", "=", "archive"), ("res_id", "=", self.id)],
                limit=1,
            )
        )
        if not attachment:
            return None
        if attachment.store_fname:
            return Archive(open(attachment._full_path(attachment.store_fname), "rb"))
        return Archive(io.BytesIO(attachment.raw))

    def _add_rows(self, batch):
        self.env["pwik.migration.row"]._add(batch)

    def _get_today(self) -> date:
        return fields.Date.context_today(self.with_context(tz=self.env["pwik.reading"]._get_timezone()))

    @api.ondelete(at_uninstall=False)
    def _unlink_without_imported(self):
        if any(migration.done_count for migration in self):
            raise UserError(self.env._("An import that brought something into the register is kept."))
