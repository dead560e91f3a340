from . import (
    pwik_meter_exchange,
    pwik_radio_assign_wizard,
    pwik_radio_collector,
    pwik_radio_exchange_wizard,
    pwik_radio_import_wizard,
    pwik_radio_key_wizard,
    pwik_radio_moment_wizard,
)
