from . import pwik_migration
