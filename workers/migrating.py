"""Bringing the database up to date, once, whoever comes first."""

import fcntl
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate_when_needed() -> None:
    """Apply outstanding migrations; a second process that starts meanwhile waits for the first."""
    if not _outstanding():
        return
    folder = Path(settings.DATA_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _outstanding():
            call_command("migrate", interactive=False, verbosity=0)


def _outstanding() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
