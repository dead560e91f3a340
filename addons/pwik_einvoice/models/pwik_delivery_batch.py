import base64
import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import PdfFileReader, PdfFileWriter


class PwikDeliveryBatch(models.Model):
    """Letters for the printing house: one PDF, in the order in which they are carried out."""

    _name = "pwik.delivery.batch"
    _description = "Print batch"
    _order = "id desc"

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", "Company", required=True)
    run_id = fields.Many2one("pwik.delivery.run", "Delivery run", index=True, ondelete="restrict")
    delivery_ids = fields.One2many("pwik.delivery", "batch_id", "Letters")
    letter_count = fields.Integer("Letters in the batch", readonly=True)
    page_count = fields.Integer("Pages", readonly=True)
    first_place = fields.Char("First place", readonly=True)
    last_place = fields.Char("Last place", readonly=True)
    file = fields.Binary("PDF", attachment=True, readonly=True)
    file_name = fields.Char(readonly=True)
    state = fields.Selection(
        [("made", "To print"), ("mailed", "Handed over")], "Status", required=True, default="made"
    )
    mailed_on = fields.Date("Handed over on", readonly=True)
    posting_number = fields.Char("Post's confirmation number", readonly=True)
    mailed_by_id = fields.Many2one("res.users", "Handed over by", readonly=True)

    @api.model
    def _make_batches(self, run):
        """Put the letters of a run that are ready into batches."""
        ready = self.env["pwik.delivery"].sudo().search([("run_id", "=", run.id), *self._get_ready_domain()])
        self._fill_batches(run.company_id, run, ready)

    @api.model
    def _make_single_batches(self):
        """As `_make_batches`, for letters outside a run; those that another process holds are left to it."""
        ready = self.env["pwik.delivery"].sudo().search([("run_id", "=", False), *self._get_ready_domain()])
        ready = ready.try_lock_for_update()
        for company, letters in ready.grouped("company_id").items():
            self._fill_batches(company, self.env["pwik.delivery.run"], letters)

    @api.model
    def _get_ready_domain(self):
        return [("channel", "=", "paper"), ("state", "=", "ready"), ("batch_id", "=", False)]

    @api.model
    def _fill_batches(self, company, run, letters):
        """Each batch holds as many letters as the company's policy says, in the order in which they are carried out."""
        letters = letters.sorted(lambda delivery: (delivery.route_order or "", delivery.id))
        size = max(company.pwik_batch_letters, 1)
        for start in range(0, len(letters), size):
            self.sudo()._make_batch(company, run, letters[start : start + size])

    @api.model
    def _make_batch(self, company, run, deliveries):
        content, pages = self._merge(deliveries.move_id)
        number = self.search_count([("run_id", "=", run.id), ("company_id", "=", company.id)]) + 1
        batch = self.create(
            {
                "name": self.env._(
                    "%(run)s, batch %(number)s", run=run.name or self.env._("Single letters"), number=number
                ),
                "company_id": company.id,
                "run_id": run.id,
                "letter_count": len(deliveries),
                "page_count": pages,
                "first_place": deliveries[:1].place,
                "last_place": deliveries[-1:].place,
            }
        )
        batch.write({"file": content, "file_name": f"wydruk_{run.id or 'pojedyncze'}_{number}.pdf"})
        deliveries.write(
            {
                "state": "printed",
                "batch_id": batch.id,
                "date_printed": fields.Datetime.now(),
                "reason": False,
                "next_try": False,
            }
        )
        return batch

    @api.model
    def _merge(self, moves):
        """One PDF of the invoices' stored documents, in the order of ``moves``. :return: base64 and number of pages"""
        writer = PdfFileWriter()
        for move in moves:
            for page in PdfFileReader(io.BytesIO(move._pwik_get_stored_pdf().raw), strict=False).pages:
                writer.add_page(page)
        stream = io.BytesIO()
        writer.write(stream)
        return base64.b64encode(stream.getvalue()), len(writer.pages)

    def action_mark_mailed(self):
        """The post has the letters of these batches, today."""
        waiting = self.filtered(lambda batch: batch.state == "made")
        if not waiting:
            raise UserError(self.env._("This batch was handed over already."))
        waiting._get_letters("printed")._post(fields.Date.context_today(self))
        waiting._close_if_posted()  # one whose letters were all printed anew

    def action_post(self):
        """Ask for the day and the operator's number first."""
        letters = self._get_letters("printed")
        if not letters:
            raise UserError(self.env._("This batch was handed over already."))
        return letters.action_post()

    def action_mark_to_print(self):
        """Way back: the batch was not handed over after all."""
        mailed = self.filtered(lambda batch: batch.state == "mailed")
        mailed.write({"state": "made", "mailed_on": False, "mailed_by_id": False, "posting_number": False})
        mailed._get_letters("done")._take_back_posting()

    def _get_letters(self, state):
        return self.delivery_ids.filtered(lambda letter: letter.state == state)

    def _close_if_posted(self):
        """A batch of which no letter lies here any more was handed over, on the day of the last one."""
        for batch in self.filtered(lambda one: one.state == "made" and not one._get_letters("printed")):
            last = batch.delivery_ids.filtered("posted_on").sorted("posted_on")[-1:]
            # sudo: the clerk posts letters; what the batch says follows from them
            batch.sudo().write(
                {
                    "state": "mailed",
                    "mailed_on": last.posted_on or fields.Date.context_today(batch),
                    "mailed_by_id": batch.env.user.id,
                    "posting_number": last.posting_number,
                }
            )

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}?download=true",
            "target": "self",
        }
