from odoo import api, fields, models
from odoo.exceptions import AccessDenied, AccessError
from odoo.http import request

#: What a customer changes of his login by himself. Odoo's list holds name, e-mail and telephone, too: under a name of his
#: choice somebody would ask to see another customer's data, and the notices would go to an address that nobody has proven.
_CUSTOMER_MAY_WRITE = {"lang", "tz"}


class ResUsers(models.Model):
    _inherit = "res.users"

    ebok_link_ids = fields.One2many(
        "pwik.ebok.link", "user_id", "eBOK access", groups=fields.NO_ACCESS, copy=False
    )
    # What a login reaches in eBOK today. The record rules of every model ask for it with every query: it is found once in a
    # transaction, and again when a link or a contract changes meanwhile. Written into a query as numbers, it is planned in a
    # twentieth of the time that the joins to it take, and the indexes of large tables serve.
    ebok_customer_ids = fields.Many2many(
        "res.partner",
        string="Customers in eBOK",
        compute="_compute_ebok_reach",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
    )
    ebok_contract_ids = fields.Many2many(
        "pwik.contract",
        string="Contracts in eBOK",
        compute="_compute_ebok_reach",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
    )
    ebok_contact_ids = fields.Many2many(
        "res.partner",
        string="Contacts of customers in eBOK",
        compute="_compute_ebok_contacts",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
    )

    @api.depends(
        "ebok_link_ids.state",
        "ebok_link_ids.date_from",
        "ebok_link_ids.date_to",
        "ebok_link_ids.partner_id.pwik_contract_ids.state",
    )
    def _compute_ebok_reach(self):
        links = self.env["pwik.ebok.link"]
        contracts = self.env["pwik.contract"].with_context(active_test=False)
        for user in self:
            active = links.search_fetch(links._get_active_domain(user), ["partner_id"], order="id")
            user.ebok_customer_ids = active.partner_id
            user.ebok_contract_ids = (
                contracts.search(
                    [("partner_id", "in", active.partner_id.ids), ("state", "!=", "draft")], order="id"
                )
                if active
                else contracts
            )

    @api.depends(
        "ebok_link_ids.state",
        "ebok_link_ids.date_from",
        "ebok_link_ids.date_to",
    )
    def _compute_ebok_contacts(self):
        """Whoever an invoice may be addressed to in place of the customer: those for whom he pays, as Odoo's ledger has it."""
        partners = self.env["res.partner"].with_context(active_test=False)
        for user in self:
            customers = user.ebok_customer_ids
            user.ebok_contact_ids = (
                partners.search(
                    [("commercial_partner_id", "in", customers.ids), ("id", "not in", customers.ids)],
                    order="id",
                )
                if customers
                else partners
            )

    def write(self, vals):
        if not self.env.su and self.env.user._is_portal() and not vals.keys() <= _CUSTOMER_MAY_WRITE:
            raise AccessError(
                self.env._("What is to change of your login, our office changes: send a request.")
            )
        return super().write(vals)

    def _login(self, credential, user_agent_env):
        """Every sign-in is told, right or wrong; a wrong one apart, because its transaction is taken back."""
        events = self.env["pwik.audit.event"]
        try:
            auth_info = super()._login(credential, user_agent_env)
        except AccessDenied:
            login = credential.get("login")
            # sudo: nobody is signed in here. What was typed is never kept: it may be a password in the wrong field.
            user = self.sudo().search(self._get_login_domain(login), limit=1) if login else self.browse()
            events._record("sign_in_failed", user=user, detail=credential.get("type"), apart=True)
            raise
        user = self.browse(auth_info["uid"])
        events._record("sign_in", user=user, detail=auth_info.get("auth_method"))
        return auth_info

    def _check_credentials(self, credential, env):
        try:
            return super()._check_credentials(credential, env)
        except AccessDenied:
            if credential["type"] in ("totp", "totp_mail"):  # a second factor: the first one was right
                self.env["pwik.audit.event"]._record(
                    "sign_in_failed", user=self, detail=credential["type"], apart=True
                )
            raise

    def _set_password(self):
        # An inverse returns nothing.
        # pylint: disable=missing-return
        super()._set_password()
        if request:  # not the installation, nor a script
            for user in self:
                self.env["pwik.audit.event"]._record("password", user=user)
