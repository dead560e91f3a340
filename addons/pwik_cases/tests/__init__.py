from . import (
    test_approve_reading,
    test_change_data,
    test_conversation,
    test_deadline,
    test_files,
    test_kinds,
    test_merge,
    test_rights,
    test_submission,
    test_system_cases,
    test_transitions,
    test_translations,
)
