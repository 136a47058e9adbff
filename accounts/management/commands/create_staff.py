"""Make a member of staff from the command line: how the first administrator comes to be."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services.staff import create_staff
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import DomainError


class Command(BaseCommand):
    help = "Make a member of staff."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = create_staff(
                actor=SYSTEM,
                username=options["username"],
                password=options["password"],
                role=Role(options["role"]),
                email=options["email"],
            )
        except DomainError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{user.username} is {user.role}.")
