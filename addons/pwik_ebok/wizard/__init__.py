from . import portal_wizard, pwik_data_copy, pwik_ebok_letter, pwik_erasure
