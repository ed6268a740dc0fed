"""Settings and entry points. Importing it puts a current SQLite in place of the system's."""

import sys

import pysqlite3
from pysqlite3 import dbapi2

# Django imports `sqlite3`; the system's library is old and has the WAL-reset corruption.
sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = dbapi2
