"""Installation hooks."""


def pre_init_hook(env):
    """Make ``btree_gist`` available: exclusion constraints compare an id and a date range in one index.

    The extension is trusted since PostgreSQL 13, so that the owner of the database may create it.
    """
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
