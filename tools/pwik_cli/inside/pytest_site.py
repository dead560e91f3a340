"""A plugin beside pytest-odoo: what Odoo's own test runner sets and pytest-odoo leaves out."""

import threading

import pytest


@pytest.fixture(scope="session", autouse=True)
def thread_names_its_database(load_registry):
    """Odoo's code and tests read the database's name from the thread."""
    import odoo.tests.common

    threading.current_thread().dbname = odoo.tests.common.get_db_name()
