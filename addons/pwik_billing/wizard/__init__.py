from . import pwik_tariff_raise
