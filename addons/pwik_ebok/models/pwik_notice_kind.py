from odoo import api, fields, models


class PwikNoticeKind(models.Model):
    """What a customer can be told of. The program finds the occasions by ``code``; texts and days are the utility's."""

    _name = "pwik.notice.kind"
    _description = "Kind of notice"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True, help="Shown to customers beside the choice.")
    code = fields.Selection(
        [
            ("invoice", "New invoice"),
            ("due", "Payment due soon"),
            ("overdue", "Payment overdue"),
            ("window", "Time to send a reading"),
            ("reading", "Submitted reading decided"),
            ("case", "Answer in a case"),
            ("outage", "Water outage"),
            ("leak", "Possible leak"),
        ],
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archived: nobody is told of this.")
    default_on = fields.Boolean(
        "On unless refused", default=True, help="Whether customers get it who have chosen nothing."
    )
    without_login = fields.Boolean(
        "Also without a login",
        help="Customers without a login to eBOK get it at the e-mail address on file.",
    )
    days = fields.Integer(
        help="“Payment due soon”: days before the due date. “Payment overdue”: days after it. "
        "“Time to send a reading”: days before the end of the period of settlement."
    )
    template_id = fields.Many2one(
        "mail.template",
        "E-mail",
        domain="[('model', '=', 'pwik.notice')]",
        ondelete="restrict",
        help="Empty: the conversation of the case is the e-mail.",
    )

    _code_unique = models.Constraint("UNIQUE(code)", "There is one kind of notice for each occasion.")
    _days_positive = models.Constraint("CHECK(days >= 0)", "A number of days cannot be negative.")

    @api.model
    def _get_by_code(self, code):
        """The kind, or an empty set where it is switched off."""
        return self.search([("code", "=", code)])

    def _get_refusing(self, recipients):
        """Those of the partners `recipients` who do not get this kind by e-mail."""
        self.ensure_one()
        chosen = self.env["pwik.notice.preference"].search(
            [("kind_id", "=", self.id), ("recipient_id", "in", recipients.ids), ("channel", "=", "email")]
        )
        refused = chosen.filtered(lambda one: not one.wanted).recipient_id
        return refused if self.default_on else (recipients - chosen.recipient_id) | refused

    def _choose(self, recipient, wanted, channel="email"):
        """Keep what a person chose about this kind. The caller has proven that he speaks for himself."""
        self.ensure_one()
        choices = self.env["pwik.notice.preference"].sudo()  # by the caller's proof
        own = [("recipient_id", "=", recipient.id), ("kind_id", "=", self.id), ("channel", "=", channel)]
        choice = choices.search(own)
        if choice:
            choice.wanted = wanted
        else:
            choices.create(
                {"recipient_id": recipient.id, "kind_id": self.id, "channel": channel, "wanted": wanted}
            )


class PwikNoticePreference(models.Model):
    """What a person chose: one row per kind and channel, made when he first says so."""

    _name = "pwik.notice.preference"
    _description = "Choice of notices"
    _order = "recipient_id, kind_id"
    _rec_name = "kind_id"

    recipient_id = fields.Many2one(
        "res.partner",
        "Person",
        required=True,
        index=True,
        ondelete="cascade",
        help="The login's own contact; for customers without a login, the customer.",
    )
    kind_id = fields.Many2one("pwik.notice.kind", "Kind", required=True, ondelete="cascade")
    channel = fields.Selection([("email", "E-mail")], required=True, default="email")
    wanted = fields.Boolean(default=True)

    _once = models.UniqueIndex("(recipient_id, kind_id, channel)", "This choice exists already: change it.")
