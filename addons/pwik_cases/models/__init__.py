from . import (
    pwik_case,
    pwik_case_change,
    pwik_case_conversation,
    pwik_case_deadline,
    pwik_case_flow,
    pwik_case_problem,
    pwik_case_stage,
    pwik_case_submission,
    pwik_case_team,
    pwik_case_type,
    pwik_contract,
    pwik_dashboard,
    pwik_meter,
    pwik_reading,
    res_partner,
)

# The handlers extend the case, so they come after it.
from . import handlers
