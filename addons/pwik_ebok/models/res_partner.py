from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "pwik.ebok.visible"]

    pwik_ebok_link_ids = fields.One2many("pwik.ebok.link", "partner_id", "eBOK access")
    pwik_ebok_link_count = fields.Integer(
        "Logins in eBOK", compute="_compute_pwik_ebok_link_count", compute_sudo=True
    )
    pwik_ebok_warned = fields.Datetime(
        "Told of failed linking",
        copy=False,
        help="When the contact was last told that somebody tried to link it.",
    )

    @api.depends("pwik_ebok_link_ids.state")
    def _compute_pwik_ebok_link_count(self):
        counts = dict(
            self.env["pwik.ebok.link"]._read_group(
                [("partner_id", "in", self.ids), ("state", "!=", "revoked")], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.pwik_ebok_link_count = counts.get(partner, 0)

    def action_pwik_view_ebok_links(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_ebok.pwik_ebok_link_action")
        return {
            **action,
            "domain": [("partner_id", "in", self.ids)],
            "context": {"default_partner_id": self[:1].id},
        }

    def _get_ebok_domain(self):
        return Domain("id", "in", self.env.user.ebok_customer_ids.ids)

    def _pwik_write_changes(self, values):
        """What was changed is told by the names of the fields, not by what they hold."""
        # It returns nothing.
        # pylint: disable=missing-return
        super()._pwik_write_changes(values)
        self.env["pwik.audit.event"]._record("data_change", customer=self, detail=", ".join(sorted(values)))
