from . import pwik_billing_run_task, pwik_radio_dump, pwik_radio_dump_task
