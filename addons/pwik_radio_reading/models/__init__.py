from . import (
    pwik_dashboard,
    pwik_dump_profile,
    pwik_meter,
    pwik_radio_alarm,
    pwik_radio_dump,
    pwik_radio_dump_drop,
    pwik_radio_dump_line,
    pwik_radio_dump_process,
    pwik_radio_dump_task,
    pwik_radio_dump_time,
    pwik_radio_dump_waiting,
    pwik_radio_module,
    pwik_radio_module_assignment,
    pwik_radio_module_keys,
    pwik_reading,
)
from . import pwik_metrics
from . import pwik_radio_campaign
from . import pwik_service_point
