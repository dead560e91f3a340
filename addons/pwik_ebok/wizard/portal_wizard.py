from odoo import models
from odoo.exceptions import UserError


class PortalWizardUser(models.TransientModel):
    _inherit = "portal.wizard.user"

    def action_grant_access(self):
        """A customer's own partner is never a login.

        Odoo's invoice rule follows the login's commercial partner without dates: such a login would see whatever is his for
        good, no link would say since when and by whose consent, and no audit would tell of it.
        """
        customers = self.partner_id.commercial_partner_id
        if any(one.pwik_customer_number or one.pwik_contract_ids for one in customers):
            raise UserError(
                self.env._(
                    "A customer signs in to eBOK under a login of his own. Print a letter with an activation code (Actions on "
                    "the customer), or link a login that he has opened (eBOK access)."
                )
            )
        return super().action_grant_access()
