from . import pwik_billing_run, pwik_billing_run_task
