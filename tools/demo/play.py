"""Plays the demo on a database that holds the suite with its demo data."""

from tools.pwik_cli.inside.passwords import set_passwords


def play(env):
    """Play the demo. Runs once, in one transaction, as the superuser, before the database is served."""
    set_passwords(env)
