"""Keystone under uWSGI; its transactions as sqlite_locks has them."""
import sqlite_locks  # noqa: F401

try:
    from keystone.wsgi.api import application
except ImportError:  # before 2025
    from keystone.server.wsgi import initialize_public_application
    application = initialize_public_application()
