from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from mysite.access.services import first_admin, token_create


class Command(BaseCommand):
    help = "Make an API token and print it; it cannot be shown again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="what the token is for")
        parser.add_argument("--user", help="whose token it is (default: the administrator)")
        parser.add_argument("--days", type=int, default=365, help="how long it is valid")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("--days must be at least 1.")
        if options["user"]:
            user = get_user_model().objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError(f"There is no user named {options['user']!r}.")
        else:
            user = first_admin()
        _row, key = token_create(user=user, name=options["name"], life=timedelta(days=options["days"]))
        self.stdout.write(key)
