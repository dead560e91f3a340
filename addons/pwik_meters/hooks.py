"""Installation hooks."""


def pre_init_hook(env):
    """Make ``btree_gist`` and ``pg_trgm`` available.

    Exclusion constraints compare an id and a date range in one index; names and addresses are found by parts of them.
    The extensions are trusted since PostgreSQL 13, so that the owner of the database may create them.
    """
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
