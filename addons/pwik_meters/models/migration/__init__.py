from . import (
    pwik_migration,
    pwik_migration_check,
    pwik_migration_customers,
    pwik_migration_key,
    pwik_migration_meters,
    pwik_migration_readings,
    pwik_migration_row,
    pwik_migration_run,
)
