from odoo import api, fields, models


class PwikEbokLink(models.Model):
    """Who may see whose contracts in eBOK, in which role and from when to when.

    The person who signs in has a partner of his own, never the customer's or a child of it: Odoo's rules that follow the
    login's commercial partner know no dates and would outlive a link.
    """

    _name = "pwik.ebok.link"
    _description = "eBOK access of a login to a customer"
    _inherit = ["mail.thread"]
    _order = "partner_id, user_id"

    user_id = fields.Many2one(
        "res.users", "Login", required=True, index=True, ondelete="cascade", tracking=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    role = fields.Selection(
        [("owner", "Customer"), ("manager", "Property manager"), ("proxy", "Proxy")],
        required=True,
        default="owner",
        tracking=True,
    )
    state = fields.Selection(
        [("pending", "Waiting for approval"), ("active", "Active"), ("revoked", "Revoked")],
        "Status",
        required=True,
        default="pending",
        tracking=True,
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date("To", tracking=True, help="Last day of access; empty: until it is revoked.")
    approver_id = fields.Many2one("res.users", "Approved by", readonly=True, tracking=True)
    way = fields.Selection(
        [
            ("office", "Office"),
            ("invoice", "Invoice"),
            ("code", "Activation code"),
            ("invitation", "Invitation"),
        ],
        "Proven by",
        required=True,
        default="office",
        readonly=True,
        help="How the login showed that it may see this customer.",
    )

    _once = models.UniqueIndex(
        "(user_id, partner_id) WHERE state <> 'revoked'",
        "This login already has access to this customer.",
    )
    _dates_ordered = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "Access cannot end before it begins.",
    )

    @api.depends("user_id.name", "partner_id.name")
    def _compute_display_name(self):
        for link in self:
            link.display_name = f"{link.user_id.name} → {link.partner_id.name}"

    @api.model
    def _get_active_domain(self, user):
        """Links of `user` that are in force today."""
        today = fields.Date.context_today(self)
        return [
            ("user_id", "=", user.id),
            ("state", "=", "active"),
            ("date_from", "<=", today),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", today),
        ]

    def action_approve(self):
        """Let pending links in: the office's button, and the owner's on his page."""
        waiting = self.filtered(lambda link: link.state == "pending")
        waiting.write({"state": "active", "approver_id": self.env.uid})
        for link in waiting:
            self.env["pwik.audit.event"]._record("link_approved", customer=link.partner_id, record=link)
        waiting._tell_user()

    def action_revoke(self):
        """End the access at once; the login is told."""
        ended = self.filtered(lambda link: link.state != "revoked")
        ended.write({"state": "revoked"})
        ended.flush_recordset(
            ["state"]
        )  # another link may follow at once, and the unique index looks at the table
        for link in ended:
            self.env["pwik.audit.event"]._record("link_ended", customer=link.partner_id, record=link)
        ended._tell_user()
