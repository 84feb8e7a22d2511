"""The workbench's own commands work on a database that was never started: it is brought up to date first."""

import django

ROOMS = ("mysite.", "workers", "datasetviewer", "evaluation", "stylized_face")
LEFT_ALONE = {"up"}  # migrates by itself, after taking its lock


def migrate_for(arguments: list[str]) -> None:
    """Apply outstanding migrations when the command on the command line is one of ours and will run."""
    if len(arguments) < 2 or arguments[1].startswith("-") or {"-h", "--help", "--version"} & set(arguments):
        return
    from django.core.management import get_commands

    django.setup()
    owner = get_commands().get(arguments[1], "")
    if arguments[1] in LEFT_ALONE or not str(owner).startswith(ROOMS):
        return
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
