"""Glance under uWSGI; its transactions as sqlite_locks has them, and the caller's project in uWSGI's log."""
import uwsgi

import sqlite_locks  # noqa: F401

try:
    from glance.wsgi.api import application as glance
except ImportError:  # before 2025
    from glance.common.wsgi_app import init_app
    glance = init_app()


def application(environ, start_response):
    try:
        return glance(environ, start_response)
    finally:
        # Keystone's middleware puts what it knows of the token among the headers.
        uwsgi.set_logvar('project', environ.get('HTTP_X_PROJECT_ID') or '-')
