import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from workers.celery_process import QUEUE_VARIABLE
from workers.models import QueueName


class Command(BaseCommand):
    help = "Run one Celery worker for a queue in the foreground."

    def add_arguments(self, parser) -> None:
        parser.add_argument("queue", choices=QueueName.values)

    def handle(self, *args: Any, **options: Any) -> None:
        queue = options["queue"]
        # Replace this process: the worker must be the supervisor's own child, and Celery parses its own arguments.
        os.environ[QUEUE_VARIABLE] = queue
        command = [
            sys.executable, "-m", "celery", "-A", "mysite", "worker", "-Q", queue, "-n", f"{queue}-{os.getpid()}@%h",
            "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING",
        ]  # fmt: skip
        if queue == QueueName.BATCH:
            command += ["--max-tasks-per-child", "1"]
        os.execv(sys.executable, command)
