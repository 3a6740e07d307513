"""Lets a transaction on SQLite wait for the writer before it begins.

oslo.db begins each with a plain BEGIN. One that reads first and writes then is refused at once, "database is locked", if another
has written meanwhile: waiting would not help it, since what it has read is old. A cloud's MariaDB has no such answer.
"""
from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, 'before_cursor_execute', retval=True)
def begin_immediate(connection, cursor, statement, parameters, context, executemany):
    if statement == 'BEGIN' and connection.dialect.name == 'sqlite':
        statement = 'BEGIN IMMEDIATE'
    return statement, parameters
