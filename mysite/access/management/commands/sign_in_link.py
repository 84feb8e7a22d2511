"""manage.py sign_in_link: prints a link that signs somebody in once."""

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from mysite.access.services import LINK_LIFE, first_admin, link_create


class Command(BaseCommand):
    help = (
        "Print a link that signs a user in once, within 24 hours. Without --user: the administrator, made if missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", metavar="NAME", help="user name; must exist")
        parser.add_argument(
            "--base-url",
            metavar="URL",
            default="http://127.0.0.1:8000",
            help="where the site is reached (default: %(default)s)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        base = options["base_url"].rstrip("/")
        if not base.startswith(("http://", "https://")):
            raise CommandError(f"--base-url {base!r} must begin with http:// or https://.")
        if options["user"]:
            user = get_user_model().objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError(f"There is no user {options['user']!r}. Make one with: manage.py createsuperuser")
            if not user.is_active:
                raise CommandError(f"The user {options['user']!r} is switched off and cannot sign in.")
        else:
            user = first_admin()
        address = base + reverse("access:link", args=[link_create(user=user)])
        if options["json"]:
            self.stdout.write(
                json.dumps({"user": user.get_username(), "link": address, "hours": LINK_LIFE.total_seconds() / 3600})
            )
        else:
            self.stdout.write(address)
