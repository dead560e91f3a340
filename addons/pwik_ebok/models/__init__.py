from . import pwik_ebok_visible  # the others inherit from it

# isort: split
from . import (
    account_move,
    mail_thread,
    payment_transaction,
    pwik_case,
    pwik_catalogue,
    pwik_contract,
    pwik_ebok_link,
    pwik_meter,
    pwik_past_invoice,
    pwik_reading,
    pwik_settlement,
    res_partner,
)
