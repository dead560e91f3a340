"""Settings that point into a folder of the test's own."""

import os
import sys

import pytest

from tools.pwik_cli import paths


@pytest.fixture
def settings(tmp_path):
    """The checkout's settings with an empty `.local` of their own, and the environment that runs this test."""
    made = paths.read_settings({"PWIK_LOCAL": os.fspath(tmp_path / "local")})
    paths.prepare_local(made)
    made.venv.symlink_to(sys.prefix)
    return made
