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
    from workers.migrating import migrate_when_needed

    migrate_when_needed()
