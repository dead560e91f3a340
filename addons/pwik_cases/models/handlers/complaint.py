from odoo import models


class PwikCase(models.Model):
    """Complaints: upholding one opens whatever makes it good."""

    _inherit = "pwik.case"

    def _approve_complaint(self):
        """Billing opens the correction here; without it the decision alone is kept.

        :return: False while the correction is not settled yet
        """
        self.ensure_one()
        if self.deemed_accepted:
            self._post_note([self.env._("Upheld by law: the complaint was not answered in time.")])
        return self._open_correction()

    def _open_correction(self):
        """Hook with a neutral answer: nothing to correct here. Later addons override it and call ``super()``.

        :return: None, or False while the case must wait for the correction
        """
        return None
