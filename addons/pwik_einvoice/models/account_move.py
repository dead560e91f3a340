import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain import signature
from ..domain.errors import SignatureFailed
from ..tools.code_picture import draw_code
from .res_partner import CHANNELS


class AccountMove(models.Model):
    _inherit = "account.move"

    pwik_delivery_channel = fields.Selection(
        CHANNELS,
        "Delivery",
        compute="_compute_pwik_delivery_channel",
        store=True,
        copy=False,
        help="How the invoice reaches the buyer: fixed when it is posted.",
    )
    pwik_outside_ksef = fields.Boolean(
        "Issued without KSeF",
        compute="_compute_pwik_outside_ksef",
        help="On a day on which KSeF had a total failure (VAT act art. 106ng): the invoice is never sent there.",
    )
    pwik_signed_xml_id = fields.Many2one(
        "ir.attachment", "Signed XML", readonly=True, copy=False, index="btree_not_null"
    )

    @api.depends("state", "pwik_settlement_id")
    def _compute_pwik_delivery_channel(self):
        for move in self:
            if move.state != "posted" or not move.pwik_settlement_id:
                move.pwik_delivery_channel = False
            elif not move.pwik_delivery_channel:
                move.pwik_delivery_channel = move._pwik_choose_channel()

    def _pwik_choose_channel(self, usually=False):
        """By the policy of the day of the invoice; what corrects a structured invoice is structured (art. 106gb), except in a
        total failure of KSeF, when nothing is (art. 106ng).

        :param usually: as if KSeF had had no total failure on that day
        """
        self.ensure_one()
        day = self.invoice_date or fields.Date.context_today(self)
        outside = not usually and self.env["pwik.ksef.outage"]._is_outside(day)
        if not outside and self.pwik_settlement_id.corrects_id.move_id.pwik_delivery_channel == "ksef":
            return "ksef"
        return self.partner_id._pwik_get_delivery(day, self.company_id, outside)

    @api.depends("pwik_delivery_channel")
    def _compute_pwik_outside_ksef(self):
        outages = self.env["pwik.ksef.outage"]
        for move in self:
            move.pwik_outside_ksef = (
                move.pwik_delivery_channel in ("electronic", "paper")
                and outages._is_outside(move.invoice_date)
                and move._pwik_choose_channel(usually=True) == "ksef"
            )

    def _pwik_get_transfer_text(self, amount):
        """Text of the 2D code for a transfer of `amount` zł, or False where there is none."""
        self.ensure_one()
        if self.move_type != "out_invoice":
            return False
        return self.partner_id._pwik_get_transfer_text(self.company_id, amount, self.name)

    def _pwik_get_transfer_code(self, amount=None, printed=False):
        """The 2D code as a ``data:`` address of a picture, or False; by default for what is left to pay."""
        text = self._pwik_get_transfer_text(self.amount_residual if amount is None else amount)
        return draw_code(text, "m", printed) if text else False

    def action_pwik_sign_xml(self):
        """Make the signed FA(3) XML of posted invoices that do not go through KSeF."""
        for move in self:
            if move.state != "posted" or move.pwik_delivery_channel == "ksef":
                raise UserError(
                    self.env._("Only a posted invoice outside KSeF gets a signed XML: %s.", move.display_name)
                )
            if not move.pwik_signed_xml_id:
                move._pwik_note(pwik_signed_xml_id=move._pwik_make_signed_xml().id)

    def _pwik_make_signed_xml(self):
        self.ensure_one()
        # sudo: the certificate is the administrator's; who may post an invoice may have it signed
        certificate = self.company_id.sudo().pwik_seal_certificate_id
        fault = self.company_id._pwik_get_seal_fault()
        if fault:
            raise UserError(fault)
        try:
            signed = signature.sign(
                self._l10n_pl_edi_render_xml(),
                base64.b64decode(certificate.private_key_id.pem_key),
                base64.b64decode(certificate.pem_certificate),
                moment=fields.Datetime.now().astimezone(),
            )
        except SignatureFailed as error:
            raise UserError(self.env._("The XML could not be signed: %s.", error)) from error
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self.name.replace('/', '_')}.xml",
                    "raw": signed,
                    "mimetype": "application/xml",
                    "res_model": "account.move",
                    "res_id": self.id,
                }
            )
        )
