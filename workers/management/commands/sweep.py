import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from workers.sweeper import Sweeper


class Command(BaseCommand):
    help = "Repair the queue once a second: expired leases, silent workers, lost wake-ups, expired uploads."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--once", action="store_true", help="sweep once and end")

    def handle(self, *args: Any, **options: Any) -> None:
        sweeper = Sweeper()
        if options["once"]:
            sweeper.quiet_until = 0
            sweeper.sweep()
            sweeper.chores()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sweeper.run(stop.is_set)
