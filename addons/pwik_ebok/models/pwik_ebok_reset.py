import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.addons.pwik_meters.tools.packets import work_off

from ..domain.attempts import Limit

LENGTH = 200
_logger = logging.getLogger(__name__)


class PwikEbokReset(models.Model):
    """Somebody has forgotten the password of a login, if there is such a login.

    The page only takes down what was typed; whose it is, is found out by a scheduled action. So neither the answer nor its
    time tells who has a login, and a mail server that is slow holds up nobody.
    """

    _name = "pwik.ebok.reset"
    _description = "Forgotten password"
    _rec_name = "id"

    login = fields.Char(required=True, groups="base.group_system")

    @api.model
    def _ask(self, login, address):
        """Take it down; the page answers the same when a limit is reached.

        :param login: what was typed, a login or an e-mail address
        :param address: network address of who asks
        """
        login = login.strip()[:LENGTH]
        limits = [Limit("reset_address", address, 20), Limit("reset_login", login.lower(), 3)]
        if not login or not self.env["pwik.ebok.attempt"]._take(limits):
            return
        self.sudo().create({"login": login})  # sudo: nobody is signed in here
        self.env.ref("pwik_ebok.cron_reset").sudo()._trigger()

    @api.model
    def _cron_reset(self):
        """Scheduled action: send the instructions to those who are known; what was typed is kept no longer than that."""
        waiting = self.sudo()
        work_off(
            self.env,
            lambda: waiting.search([], order="id", limit=20).try_lock_for_update(),
            lambda packet: packet._send(),
            lambda: waiting.search_count([]),
        )

    def _send(self):
        for asked in self:
            try:
                with self.env.cr.savepoint():
                    self.env["res.users"].sudo().reset_password(asked.login)
            except Exception as error:
                pass_on(error)
                # Unknown, twice there, without an address, no mail server. What was typed may be a password: it is not told.
                _logger.info("A forgotten password was not reset: %s", type(error).__name__)
        self.unlink()
