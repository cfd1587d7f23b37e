"""The application for any WSGI server: `gunicorn wsgi:app`. `lamplighter serve` does it all."""

import os

from api import settings as server_settings
from api.app import create_app

app = create_app(server_settings.from_environment(os.environ))  # noqa: TID251 - the one start
