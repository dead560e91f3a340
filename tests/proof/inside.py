"""Inside Odoo: several questions at once, since a process takes longer to start than most of them to be answered."""

import importlib


def several(env, targets):
    """What each `module:function` of tests/proof returns, in the order of `targets`."""
    answers = []
    for target in targets:
        module, _, name = target.partition(":")
        answers.append(getattr(importlib.import_module(f"tests.proof.{module}"), name)(env))
    return answers
