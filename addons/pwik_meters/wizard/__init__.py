from . import pwik_meter_exchange, pwik_reading_decision, pwik_reading_entry
