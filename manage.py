#!/usr/bin/env python
"""Django's command line, on the embedded stack unless the environment names other servers."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lld.settings.local")
    if not os.environ["DJANGO_SETTINGS_MODULE"].endswith("production"):
        from lld.stack import attach

        attach()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
