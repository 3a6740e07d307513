"""Glance with its own server, as Debian's service starts it; its transactions as sqlite_locks has them."""
import sys

from glance.cmd import api  # first: it changes the standard library for eventlet

import sqlite_locks  # noqa: F401

sys.exit(api.main())
