from . import (
    account_move,
    pwik_claim_document,
    pwik_dunning_item,
    pwik_dunning_run,
    pwik_dunning_run_interest,
    pwik_dunning_stop,
    pwik_interest_note,
    pwik_interest_note_line,
    pwik_interest_rate,
    res_company,
    res_config_settings,
    res_partner,
)
