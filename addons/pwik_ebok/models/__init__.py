from . import pwik_ebok_visible  # the others inherit from it

# isort: split
from . import (
    account_move,
    mail_thread,
    pwik_case,
    pwik_catalogue,
    pwik_claims,
    pwik_contract,
    pwik_contract_prices,
    pwik_ebok_link,
    pwik_ebok_decision,
    pwik_meter,
    pwik_meter_use,
    pwik_past_invoice,
    pwik_reading,
    pwik_settlement,
    res_partner,
)
