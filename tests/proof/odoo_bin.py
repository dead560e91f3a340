"""Odoo's program as a file, as a server has it: see SiteWithWorkers."""

import sys

sys.path.pop(0)  # our own folder: its module names must not hide Odoo's

from odoo.cli.command import main  # noqa: E402

main()
