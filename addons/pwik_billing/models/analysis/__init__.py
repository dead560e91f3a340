from . import pwik_billing_report, pwik_water_area, pwik_water_balance, pwik_water_inflow
