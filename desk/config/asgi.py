"""The ASGI application that uvicorn serves: `uvicorn config.asgi:application`."""

import gc
import os
import sys

from django.core.asgi import get_asgi_application

from config.environment import SettingsError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    application = get_asgi_application()
    from config.startup import prepare  # Needs the apps that the line above sets up.

    prepare()
    # What stands here stays for good. Looked through again and again it would keep everybody
    # waiting for a tenth of a second each time.
    gc.collect()
    gc.freeze()
except SettingsError as error:
    sys.exit(f"desk: {error}")
