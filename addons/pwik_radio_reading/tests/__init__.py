from . import (
    test_bad_files,
    test_chain,
    test_cpu_limit,
    test_dashboard,
    test_drop_folder,
    test_keys,
    test_missed_months,
    test_modules,
    test_profile,
    test_quarantine,
    test_repeat,
    test_resume,
    test_rights,
    test_swap,
    test_translations,
    test_two_paths,
)
from . import test_campaign
