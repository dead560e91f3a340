from . import pwik_ebok_visible  # the others inherit from it

# isort: split
from . import (
    account_move,
    ir_http,
    ir_qweb,
    mail_thread,
    pwik_audit_event,
    pwik_case,
    pwik_catalogue,
    pwik_contract,
    pwik_contract_prices,
    pwik_ebok_attempt,
    pwik_ebok_code,
    pwik_ebok_invitation,
    pwik_ebok_link,
    pwik_ebok_decision,
    pwik_ebok_linking,
    pwik_ebok_signup,
    pwik_einvoice_consent,
    pwik_meter,
    pwik_meter_use,
    pwik_past_invoice,
    pwik_reading,
    pwik_settlement,
    res_partner,
    res_users,
)
