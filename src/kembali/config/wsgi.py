"""The WSGI entry point of the web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kembali.config.settings")
application = get_wsgi_application()

from kembali.config import wiring  # noqa: E402 - rooms can be loaded only now

wiring.register()
