from . import (
    pwik_contract_change,
    pwik_meter_exchange,
    pwik_meter_reseal,
    pwik_reading_decision,
    pwik_work_order_batch,
)
