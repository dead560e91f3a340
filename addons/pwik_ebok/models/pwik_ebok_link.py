from odoo import api, fields, models
from odoo.exceptions import UserError

#: Who sees whom as what: of an access that was once given they are never changed, another one is given instead.
FIXED = ("user_id", "partner_id", "role")
DATES = ("date_from", "date_to")


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

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever may give access by hand (the office) leaves a line in the audit, and the customer is told."""
        links = super().create(vals_list)
        given = links.filtered(lambda link: link.state == "active")
        if given and not self.env.su:
            given.sudo().approver_id = self.env.user  # sudo: as in action_approve
            given._note_given()
        return links

    def write(self, vals):
        """By hand only the days of an access may change; that is told as its beginning and its end are.

        :raise UserError: where an access that was given would become another one, or its status change without a button
        """
        if self.env.su:
            return super().write(vals)
        given = self.filtered(lambda link: link.state != "pending")
        if given._differs(vals, FIXED):
            raise UserError(
                self.env._(
                    "An access that was given keeps its login, customer and role. Revoke it and give another one."
                )
            )
        if self._differs(vals, ("state", "way", "approver_id")):
            raise UserError(self.env._("An access begins and ends by its buttons: Approve and Revoke."))
        moved = given.filtered(lambda link: link.state == "active" and link._differs(vals, DATES))
        done = super().write(vals)
        for link in moved:
            self.env["pwik.audit.event"]._record("link_changed", customer=link.partner_id, record=link)
        moved._tell_user()
        return done

    def _differs(self, vals, names):
        """Whether writing `vals` would change one of these fields of any of the links."""
        names = [name for name in names if name in vals]
        return any(
            self._fields[name].convert_to_cache(vals[name], link)
            != self._fields[name].convert_to_cache(link[name], link)
            for link in self
            for name in names
        )

    def _note_given(self):
        """An access begins: in the audit, to the login, and to those who decide for the customer, who were told of a claim."""
        for link in self:
            self.env["pwik.audit.event"]._record("link_approved", customer=link.partner_id, record=link)
        self._tell_user()
        self.filtered(lambda link: link.way == "office")._tell_owners()

    def action_approve(self):
        """Let pending links in: the office's button, and the owner's on his page."""
        self.check_access("write")
        waiting = self.filtered(lambda link: link.state == "pending")
        # sudo: whoever may change them may let them in; by hand nobody writes the status
        waiting.sudo().write({"state": "active", "approver_id": self.env.uid})
        waiting._note_given()

    def action_revoke(self):
        """End the access at once; the login is told."""
        self.check_access("write")
        ended = self.filtered(lambda link: link.state != "revoked")
        ended.sudo().write({"state": "revoked"})  # sudo: as in action_approve
        ended.flush_recordset(
            ["state"]
        )  # another link may follow at once, and the unique index looks at the table
        for link in ended:
            self.env["pwik.audit.event"]._record("link_ended", customer=link.partner_id, record=link)
        ended._tell_user()
