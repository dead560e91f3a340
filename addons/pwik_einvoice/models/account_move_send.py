from odoo import models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    def _get_all_extra_edis(self):
        """Odoo offers KSeF for every invoice of a registered company; here the policy decides.

        Water invoices are sent by their delivery, so that none goes twice; the others where the policy says KSeF.
        """
        edis = super()._get_all_extra_edis()
        if "pl_ksef" in edis:
            applies = edis["pl_ksef"]["is_applicable"]
            edis["pl_ksef"]["is_applicable"] = lambda move: (
                applies(move) and not move.pwik_settlement_id and move._pwik_choose_channel() == "ksef"
            )
        return edis
