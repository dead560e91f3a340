from . import account_move, pwik_einvoice_consent, res_company, res_config_settings, res_partner
