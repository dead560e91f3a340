from . import pwik_bank_import_wizard, pwik_delivery_posting
