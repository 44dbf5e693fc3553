"""The ASGI application that uvicorn serves: `uvicorn config.asgi:application`."""

import gc
import os
import sys

import django

from config.environment import SettingsError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    django.setup(set_prefix=False)
    from config.handler import DeskHandler  # These need the apps that the line above sets up.
    from config.startup import prepare

    application = DeskHandler()
    prepare()
    # What stands here stays for good. Looked through again and again it would keep everybody
    # waiting for a tenth of a second each time.
    gc.collect()
    gc.freeze()
    # Two thousand open streams are a million objects. Looking through all of them stops everybody
    # for half a second, and by default that came every twenty seconds (`make bench ONLY=streams`).
    # What only it can free is some kilobytes a second, so it comes fifty times as seldom.
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, 50 * old)
except SettingsError as error:
    sys.exit(f"desk: {error}")
