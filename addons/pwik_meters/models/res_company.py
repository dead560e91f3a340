import base64

from odoo import models

from ..tools.print_picture import print_picture


class ResCompany(models.Model):
    _inherit = "res.company"

    def _pwik_get_office_lang(self):
        """Code of the language in which the office reads what the program notes for it."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.partner_id.sudo().lang, "pl_PL", self.env.lang)
        return next((lang for lang in wanted if lang in installed), None)

    def _pwik_get_print_logo(self):
        """The logo for the head of a document as bytes of a picture; None where the company chose none."""
        self.ensure_one()
        if not self.logo or self.uses_default_logo:
            return None
        return print_picture(base64.b64decode(self.logo))

    def _pwik_prepare_letterhead(self):
        """What stands around every document: head, foot and the words of the page number. Later addons add to it."""
        self.ensure_one()
        place = " ".join(filter(None, (self.zip, self.city)))
        registry = f", KRS {self.company_registry}" if self.company_registry else ""
        return {
            "author": self.name,
            "letterhead": {
                "name": self.name,
                "lines": self._pwik_join_lines(
                    ", ".join(filter(None, (self.street, place))),
                    self._pwik_get_print_nip(),
                    " · ".join(filter(None, (self.phone, self.email))),
                ),
                "logo": self._pwik_get_print_logo(),
            },
            "footer": " · ".join(filter(None, (f"{self.name}{registry}", self.website))),
            "page_words": {"page": self.env._("Page"), "of": self.env._("of")},
        }

    def _pwik_get_print_nip(self):
        return f"NIP {self.vat.removeprefix('PL')}" if self.vat else ""

    @staticmethod
    def _pwik_join_lines(*lines):
        return [line for line in lines if line]
