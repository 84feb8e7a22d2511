#!/usr/bin/env python3
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
    from django.core.management import execute_from_command_line

    from mysite.database import migrate_for
    from workers.engine.commands.reading_end import reader_may_leave

    migrate_for(sys.argv)
    with reader_may_leave():
        execute_from_command_line(sys.argv)
