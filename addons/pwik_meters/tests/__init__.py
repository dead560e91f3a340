from . import (
    test_actions,
    test_attachment,
    test_connections,
    test_contract_change,
    test_dashboard,
    test_documents,
    test_house,
    test_migration,
    test_migration_kinds,
    test_migration_same,
    test_packets,
    test_reading_book,
    test_reading_history,
    test_reseal,
    test_rights,
    test_translations,
    test_validation,
)
from . import test_metrics
from . import test_export
