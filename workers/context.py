"""What a handler sees of its job: arguments in, progress out, and a fenced finish."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from workers import parts
from workers.models import Job, JobState, Worker, WorkerState
from workers.queue import held, put_back, put_behind

Result = TypeVar("Result")
OUTAGE_SECONDS = 600.0  # how long a finished result waits for a database that is away
SAVE_SECONDS = 5.0  # for a handler that saves its state before its worker stops


class JobStopped(BaseException):
    """Ends a handler from inside. Not an Exception, so that no handler swallows it by accident."""


class JobCancelled(JobStopped):
    """Somebody asked for the job to be cancelled."""


class LeaseLost(JobStopped):
    """Another attempt is in charge: nothing more may be written."""


class WorkerStopping(JobStopped):
    """The worker was told to stop: the job goes back to the queue."""


class TimeExceeded(JobStopped):
    """The attempt took longer than the job's time limit."""


class SegmentOver(JobStopped):
    """The handler saved its state and lets the others go first."""


class PartsAwaited(JobStopped):
    """The job waits for its parts; its handler is called again when the last has succeeded."""


class JobContext:
    """One attempt at one job. `report` and `check` raise JobStopped when the handler has to end."""

    def __init__(self, job: Job) -> None:
        self.job_id = job.id
        self.attempt = job.attempt
        assert job.worker_id is not None, "a claimed job has a worker"
        self.worker_id = job.worker_id
        self.arguments: dict[str, Any] = job.arguments
        self.language = job.language
        self.finished = False
        self.over = False  # finished, or ended otherwise; nothing more is written
        self.saves_on_stop = False  # set it to get SAVE_SECONDS between `worker_stopping` and WorkerStopping
        self._deadline = time.monotonic() + job.time_limit
        self._progress = job.progress
        self._step = ""
        self._changed = False
        self._stop: type[JobStopped] | None = None
        self._stop_at = 0.0

    def report(self, progress: float, step: str = "") -> None:
        """Say how far the work is (0 to 1) and what is being done; cheap, the heartbeat writes it once a second.

        Progress never goes back: neither in an attempt, nor below what an earlier segment or the job's parts have reached.
        """
        self._progress, self._step, self._changed = min(max(progress, self._progress), 1.0), step[:200], True
        self.check()

    def check(self) -> None:
        """Raise when the job has to stop; to be called at least once a second."""
        if self._stop is None:
            return
        saving = self.worker_stopping and self.saves_on_stop
        if not saving or time.monotonic() - self._stop_at > SAVE_SECONDS:
            raise self._stop

    @property
    def progress(self) -> float:
        """What was reported last; at first what an earlier segment or the job's parts have reached."""
        return self._progress

    @property
    def worker_stopping(self) -> bool:
        """Whether the worker was told to stop: a handler that can save its state does, and calls `yield_segment`."""
        return self._stop is WorkerStopping

    def yield_segment(self, step: str = "") -> NoReturn:
        """End this attempt without an end of the job: it goes to the back of its queue and keeps its progress.

        For long work that saved its state; it is no loss. `workers.queue.others_waiting(job)` says whether somebody waits.
        """
        self._step = step[:200]
        raise SegmentOver

    def wait_for(self, jobs: Sequence[Job]) -> None:
        """Return at once if all these jobs have succeeded; else end this attempt until the last of them has.

        The handler is then called again from its start. Raises InputError with the message of a part that failed.
        """
        if self._stop is not JobCancelled:  # one that is cancelled first names its parts, so that they end with it
            self.check()
        if parts.wait_for(held(self.job_id, self.worker_id, self.attempt), jobs):
            raise PartsAwaited

    def beside(self, work: Callable[[], Result], meanwhile: Callable[[], None] = lambda: None) -> Result:
        """What `work` returns, computed in a thread, so that a stop takes effect in the middle of a long call as well.

        `meanwhile` is called about ten times a second in the caller's thread; `work` must not use the database.
        """
        outcome: list[Result] = []
        errors: list[BaseException] = []
        language = get_language()

        def run() -> None:
            try:
                with override(language):
                    outcome.append(work())
            except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
                errors.append(error)

        thread = threading.Thread(target=run, name="work", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(0.1)
            self.check()
            meanwhile()
        if errors:
            raise errors[0]
        return outcome[0]

    @contextmanager
    def finish(self, message: str = "") -> Iterator[None]:
        """One transaction: the job becomes succeeded if this attempt is still in charge, together with the rows of the body."""
        self.check()
        wait_for_database()
        with transaction.atomic():
            changed = held(self.job_id, self.worker_id, self.attempt).update(
                state=JobState.SUCCEEDED,
                finished=timezone.now(),
                progress=1,
                lease_until=None,
                message=message,
                step="",
            )
            if changed != 1:
                raise LeaseLost
            yield
            parts.ended(self.job_id)
        self.finished = self.over = True

    def beat(self) -> None:
        """Prolong the lease, write progress, learn whether to stop. One UPDATE and one SELECT."""
        mine = held(self.job_id, self.worker_id, self.attempt)
        values: dict[str, Any] = {"lease_until": timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)}
        changed, self._changed = self._changed, False
        if changed:
            values |= {"progress": self._progress, "step": self._step}
        if mine.update(**values) != 1:
            self.ask_to_stop(LeaseLost)
            return
        if changed:
            parts.tell_progress(self.job_id)
        cancel = mine.values_list("cancel_requested", flat=True).first()
        state = Worker.objects.filter(id=self.worker_id).values_list("state", flat=True).first()
        if cancel is not None:
            self.ask_to_stop(JobCancelled)
        elif state == WorkerState.LOST:
            self.ask_to_stop(LeaseLost)
        elif state == WorkerState.STOPPING:
            self.ask_to_stop(WorkerStopping)
        elif time.monotonic() > self._deadline:
            self.ask_to_stop(TimeExceeded)

    def write_stop(self, why: type[JobStopped]) -> None:
        """Write to the job's row how this attempt ended without a result, if it is still in charge."""
        mine = held(self.job_id, self.worker_id, self.attempt)
        job = mine.first()
        if job is None:
            return
        with override(job.language):
            too_long = _("Stopped: it took longer than its time limit. Try a smaller piece of work.")
        if why in (WorkerStopping, JobCancelled, PartsAwaited):
            # Cancelled if that is (still) asked for: somebody else may need this part and have withdrawn the request.
            put_back(job, lost=False)
        elif why is SegmentOver:
            put_behind(job, progress=self._progress, step=self._step)
        elif why is TimeExceeded:
            end(self, JobState.FAILED, too_long)

    def ask_to_stop(self, why: type[JobStopped]) -> None:
        """Let the next `check` raise this; the first reason stays."""
        if self._stop is None:
            self._stop, self._stop_at = why, time.monotonic()

    @property
    def stop(self) -> type[JobStopped] | None:
        """Why the handler was asked to stop, if it was."""
        return self._stop

    @property
    def overdue(self) -> bool:
        """Whether the handler was asked to stop and did not within the grace period."""
        return self._stop is not None and time.monotonic() - self._stop_at > settings.CANCEL_GRACE_SECONDS


def end(context: JobContext, state: str, message: str, detail: str = "") -> None:
    """Write how the attempt ended, if it is still in charge."""
    with transaction.atomic():
        mine = held(context.job_id, context.worker_id, context.attempt)
        values = {"state": state, "message": message, "detail": detail, "finished": timezone.now()}
        if mine.update(**values, lease_until=None) == 1:
            parts.ended(context.job_id)


def wait_for_database() -> None:
    """Return once the database answers; give up after OUTAGE_SECONDS. A result must outlive a short outage."""
    deadline = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return
        except DatabaseError:
            if time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(1)
