"""Lets what Glance begins on SQLite wait for the writer, where it would be refused or hold up the whole process.

oslo.db begins each transaction with a plain BEGIN. One that reads first and writes then is refused at once, "database is locked",
if another has written meanwhile: waiting would not help it, since what it has read is old. So each begins as a writer. And SQLite's
own waiting stops all of eventlet's green threads, that of the writer too; this one lets them go on. A cloud's MariaDB needs neither.
Not for Keystone, which keeps transactions open that only read.
"""
import sqlite3
import time

from sqlalchemy import event
from sqlalchemy.engine import Engine

SECONDS = 60


@event.listens_for(Engine, 'do_execute')
def wait_for_the_writer(cursor, statement, parameters, context):
    connection = cursor.connection
    if not isinstance(connection, sqlite3.Connection) or connection.in_transaction:
        return False
    if statement == 'BEGIN':
        statement = 'BEGIN IMMEDIATE'
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            cursor.execute(statement, parameters)
            return True
        except sqlite3.OperationalError as e:
            if 'database is locked' not in str(e) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)
