"""Make an API key from the command line. The raw key is the last line of the output, alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services.keys import create_api_key
from lld.core.access import DEFAULT_SCOPES, Scope, parse_scopes
from lld.core.actors import SYSTEM


class Command(BaseCommand):
    help = "Make an API key and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scopes", default=",".join(DEFAULT_SCOPES), help=f"Of {', '.join(Scope)}.")
        parser.add_argument("--prefix", default="lld")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            scopes = parse_scopes(word.strip() for word in options["scopes"].split(",") if word.strip())
        except ValueError as error:
            raise CommandError(f"Unknown scope: {error}. There are {', '.join(Scope)}.") from error
        key, raw = create_api_key(actor=SYSTEM, name=options["name"], prefix=options["prefix"], scopes=scopes)
        self.stdout.write(f"API key {key.name} with {', '.join(key.scopes)}. It is shown once:")
        self.stdout.write(raw)
