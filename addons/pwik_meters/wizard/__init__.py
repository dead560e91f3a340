from . import pwik_meter_exchange, pwik_reading_decision
