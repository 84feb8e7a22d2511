"""System checks: a wrong deployment is told at the start, not in the middle of the night."""

from django.conf import settings
from django.core.checks import Warning, register


@register("workers")
def broker_and_database_fit(app_configs, **kwargs):
    """The file broker and SQLite serve one host only."""
    problems: list[Warning] = []
    sqlite = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    if (
        sqlite
        and settings.BROKER_URL
        and not settings.BROKER_URL.startswith(("redis://127.", "redis://localhost", "redis+socket"))
    ):
        problems.append(
            Warning(
                "A broker on another host with SQLite: only processes of this host can share an SQLite file.",
                hint="Set DATABASE_URL to a PostgreSQL database.",
                id="workers.W001",
            )
        )
    return problems
