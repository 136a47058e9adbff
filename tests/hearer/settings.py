"""The suite's settings with the hearer installed, for processes of its own."""

from lld.settings.test import *  # noqa: F403
from lld.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hearer"]
