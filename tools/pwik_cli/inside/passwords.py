"""Gives the demo's users the passwords that ./pwik made for this checkout."""

import json
import logging
import os
import pathlib

_logger = logging.getLogger(__name__)


def set_passwords(env, path=None):
    """Set the passwords of the file (a JSON object: login to password; default: $PWIK_PASSWORDS) on the users that exist.

    Returns the logins that were set. Others are skipped: they come with addons that this database may not have.
    """
    path = path or os.environ["PWIK_PASSWORDS"]
    passwords = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    users = env["res.users"].with_context(active_test=False).search([("login", "in", list(passwords))])
    for user in users:
        user.password = passwords[user.login]
    if missing := sorted(set(passwords) - set(users.mapped("login"))):
        _logger.info("No such demo users here: %s", ", ".join(missing))
    return users.mapped("login")
