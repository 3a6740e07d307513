"""Lets what Glance writes to SQLite wait for its turn, where it would be refused or hold up the whole process.

oslo.db begins each transaction with a plain BEGIN. One that reads first and writes then is refused at once, "database is locked",
if another has written meanwhile: waiting would not help it, since what it has read is old. So here a transaction begins with its
first write, and what it reads before is what is there, much as in a cloud's MariaDB. And SQLite's own waiting stops all of
eventlet's green threads, that of the writer too; this one lets them go on.
"""
import sqlite3
import time

from sqlalchemy import event
from sqlalchemy.engine import Engine

SECONDS = 60
WRITES = ('INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'SAVEPOINT')


def when_unlocked(execute, *arguments):
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            execute(*arguments)
            return
        except sqlite3.OperationalError as e:
            if 'database is locked' not in str(e) or time.monotonic() > deadline:
                raise
        time.sleep(0.005)


@event.listens_for(Engine, 'do_execute')
@event.listens_for(Engine, 'do_executemany')
def begin_with_the_first_write(cursor, statement, parameters, context):
    if not isinstance(cursor.connection, sqlite3.Connection) or cursor.connection.in_transaction:
        return False
    if statement == 'BEGIN':
        return True  # done with: the first write begins
    if statement.lstrip().upper().startswith(WRITES):
        when_unlocked(cursor.execute, 'BEGIN IMMEDIATE')
        return False
    when_unlocked(cursor.execute, statement, parameters)
    return True
