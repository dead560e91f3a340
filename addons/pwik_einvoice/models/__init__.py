from . import (
    account_move,
    account_move_delivery,
    account_move_fa3,
    account_move_ksef,
    account_move_print,
    account_move_send,
    ir_actions_report,
    product_template,
    pwik_billing_run,
    pwik_delivery,
    pwik_delivery_batch,
    pwik_delivery_channels,
    pwik_delivery_ksef,
    pwik_delivery_run,
    pwik_einvoice_consent,
    res_company,
    res_config_settings,
    res_partner,
)
from . import (
    account_bank_statement_line,
    pwik_bank_company,
    pwik_bank_import,
    pwik_bank_drop,
    pwik_bank_profile,
)
from . import pwik_bank_transaction, pwik_bank_booking
