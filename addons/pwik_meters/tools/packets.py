"""Long work in packets: each is claimed, done and committed, and done anew where another process was in the way."""

import psycopg2
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from . import limits


class NoRoomError(OSError):
    """The file store cannot take a file: its disk is full, broken or read-only."""


class StoreOutage(Exception):
    """The file store is away, or lost a file. No OSError: who reads an archive takes that for damage of the archive."""


#: The machine's trouble and no record's: database gone, its disk full, transactions that met. Nothing is noted on a record; the
#: scheduled action fails, and takes the packet again at its next run.
OUTAGES = (psycopg2.OperationalError, psycopg2.InterfaceError, NoRoomError, StoreOutage)

#: What PostgreSQL says of a limit of its own (a value too long for an index, an expression too deep): the work's fault, though
#: psycopg2 counts it among the troubles of operation.
PROGRAM_LIMITS = "54"

#: How often in a row one call starts a packet anew.
CONCURRENCY_RETRIES = 10


def is_outage(error):
    """Whether an exception is of the machine, so that the same work may do another time."""
    return isinstance(error, OUTAGES) and not (getattr(error, "pgcode", None) or "").startswith(
        PROGRAM_LIMITS
    )


def pass_on(error):
    """As :func:`limits.pass_on`, for work whose packets come again: the machine's trouble goes on upwards too.

    To be called first wherever whatever went wrong is put down to a record.

    :raise: ``error`` itself when it is the worker's limit or an outage
    """
    limits.pass_on(error)
    if is_outage(error):
        raise error


def work_off(env, claim, work, count_open):
    """Work for a scheduled action: packet by packet, until none is left or its time is up.

    A packet and its progress are one transaction, so that a killed process loses its open packet and nothing else.

    :param claim: gives the next packet (a recordset whose rows are locked), empty when none is left
    :param work: does a packet in the current transaction
    :param count_open: number of rows that wait, for the progress
    :return: True when nothing is left, False when the time is up: the caller asks to be called again
    :raise: what PostgreSQL says when the same packet failed more than ``CONCURRENCY_RETRIES`` times in a row
    """
    tries = 0
    while True:
        try:
            packet = claim()
            if not packet:
                return True
            work(packet)
            left = env["ir.cron"]._commit_progress(len(packet), remaining=count_open())
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            env.cr.rollback()
            tries += 1
            if tries > CONCURRENCY_RETRIES:
                raise
            continue
        tries = 0
        env.invalidate_all()  # else the cache would hold whatever the packets made
        if not left:
            return False
