from . import pwik_case_merge, pwik_case_reject
