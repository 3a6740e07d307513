"""Keystone under uWSGI."""
try:
    from keystone.wsgi.api import application  # noqa: F401
except ImportError:  # before 2025
    from keystone.server.wsgi import initialize_public_application
    application = initialize_public_application()
