"""Work that nobody waits for."""

import logging
from collections.abc import Callable
from threading import Thread

from django.db import Error as DatabaseError
from django.db import connection

log = logging.getLogger(__name__)


def aside(work: Callable[[], object]) -> None:
    """Do something small in a thread and with a connection of its own: whoever came upon it may be the event loop."""
    Thread(target=_alone, args=(work,), name="aside", daemon=True).start()


def _alone(work: Callable[[], object]) -> None:
    try:
        work()
    except DatabaseError as error:
        log.warning("the database did not answer: %s", type(error).__name__)
    finally:
        connection.close()
