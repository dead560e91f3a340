from . import (
    account_move,
    pwik_case,
    pwik_contract,
    pwik_ebok_link,
    pwik_ebok_visible,
    pwik_meter,
    pwik_reading,
    pwik_settlement,
    res_partner,
)
