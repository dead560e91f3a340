from . import (
    test_cases,
    test_correction,
    test_document,
    test_frozen,
    test_lump_persons,
    test_migration_history,
    test_migration_open_items,
    test_receivables,
    test_rights,
    test_run,
    test_settlement,
    test_tariff,
    test_translations,
)
from . import test_account_given
