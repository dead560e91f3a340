from . import pwik_migration, pwik_migration_history
