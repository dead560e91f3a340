from . import pwik_radio_assign_wizard, pwik_radio_import_wizard, pwik_radio_key_wizard
