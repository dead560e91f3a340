from . import (
    account_move,
    account_move_fa3,
    account_move_send,
    ir_actions_report,
    product_template,
    pwik_einvoice_consent,
    res_company,
    res_config_settings,
    res_partner,
)
