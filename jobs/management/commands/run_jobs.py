"""manage.py run_jobs"""

import signal
import threading
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from jobs.services import claim, run_due, tick, work

PAUSE = 1.0  # seconds between looks at an empty queue
TICK_EVERY = 60.0  # seconds


class Command(BaseCommand):
    help = "Does background work: with --once all that is due now, with --forever until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="do what is due and stop (the default)")
        how.add_argument("--forever", action="store_true", help="go on until stopped; also asks for regular work")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["forever"]:
            self.stdout.write(f"{run_due()} jobs done.")
            return
        stop = threading.Event()

        def finish(number: int, frame: FrameType | None) -> None:
            stop.set()  # the job at hand is finished first

        signal.signal(signal.SIGTERM, finish)
        signal.signal(signal.SIGINT, finish)
        next_tick = 0.0
        while not stop.is_set():
            close_old_connections()
            if time.monotonic() >= next_tick:
                tick()
                next_tick = time.monotonic() + TICK_EVERY
            job = claim()
            if job:
                work(job)
            else:
                stop.wait(PAUSE)
