"""The limit of processor time of a worker process is nobody's mistake: no row is blamed for it.

Odoo's worker answers SIGXCPU by raising in whatever it does at that moment (``odoo/service/server.py``,
``Worker.signal_time_expired_handler``), and means the whole piece of work to end. It has no class of its own for that, so that
``except Exception`` around a row, a line or a customer would write it down as their error.
"""

MESSAGE = "CPU time limit exceeded."


def is_limit(error):
    """Whether an exception is the worker's limit, or was made of it (``raise … from error``)."""
    while error is not None:
        if type(error) is Exception and error.args == (MESSAGE,):
            return True
        error = error.__cause__
    return False


def pass_on(error):
    """To be called first wherever whatever went wrong is put down to a row: the worker's limit goes on upwards.

    The transaction ends with it, and who comes next takes the work up where the last commit left it.

    :raise: ``error`` itself when it is the limit, or was made of it
    """
    if is_limit(error):
        raise error
