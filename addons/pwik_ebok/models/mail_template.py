from odoo import models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import ValidationError

#: So many notices of a kind are looked at for one whose record is still there.
TRIED = 20


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _check_can_be_rendered(self, fnames=None, render_options=None):
        """A text of notices is tried on a notice that it is for.

        Odoo takes the newest of all: nobody could save the text about invoices as long as that one was about an outage.
        """
        notices = self.filtered(lambda template: template.model == "pwik.notice")
        super(MailTemplate, self - notices)._check_can_be_rendered(
            fnames=fnames, render_options=render_options
        )
        if self.env.context.get("pwik_shipped_text"):
            return
        names = self._get_dynamic_field_names()
        for template in notices:
            own = self.env["pwik.notice"].search([("kind_id.template_id", "=", template.id)], limit=TRIED)
            if own := own.filtered(lambda notice: notice._get_record())[:1]:
                template._try_on(own, names.intersection(fnames) if fnames else names, render_options)

    def _try_on(self, notice, names, render_options):
        for name in sorted(names):
            try:
                self._render_field(name, notice.ids, options=render_options)
            except Exception as error:
                pass_on(error)
                raise ValidationError(
                    self.env._(
                        "The text is not saved, because no notice can be made of it: %s. Correct what stands in double braces "
                        "or in t-… and save again.",
                        str(error.__cause__ or error).strip()[:300],
                    )
                ) from error
