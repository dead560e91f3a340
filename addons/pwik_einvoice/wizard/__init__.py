from . import pwik_bank_import_wizard
