"""Templates of e-mails from before the product marked its texts: those that it brought itself are told from the office's own.

``texts_before.json``: by template and field the digests (``pwik_meters.domain.shipped``) of every text that an earlier version
brought, in English and Polish.
"""

import json
from pathlib import Path

from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    known = json.loads(Path(__file__).with_name("texts_before.json").read_text())
    env = Environment(cr, SUPERUSER_ID, {})
    env["mail.template"]._pwik_recognise_shipped("pwik_ebok", known)
