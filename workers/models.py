"""Job and Worker rows: the database is the truth, a broker message is only a wake-up.

A job's life::

    queued --claim--> running --finish--> succeeded
      |                 |  |---error----> failed
      |                 |  |---cancel---> cancelled
      |                 |--lease lost or worker stopping--> queued   (lost at most MAX_LOSSES times, then failed)
      |                 |--segment over, others wait------> queued   (behind the others)
      |                 `--waits for its parts------------> queued   (not taken before the last part succeeded)
      `--cancel--> cancelled

Every write to a running job repeats ``worker = me AND attempt = n``, so a worker believed dead cannot overwrite its successor.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_LOSSES = 3  # how often a job may lose its worker before it is given up


class JobState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


LIVE_STATES = (JobState.QUEUED, JobState.RUNNING)
FINAL_STATES = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class QueueName(models.TextChoices):
    INTERACTIVE = "interactive", _("interactive")
    BATCH = "batch", _("batch")


class WorkerState(models.TextChoices):
    ALIVE = "alive", _("alive")
    STOPPING = "stopping", _("stopping")
    STOPPED = "stopped", _("stopped")
    LOST = "lost", _("lost")


class Worker(models.Model):
    """One Celery worker process (the parent of its pool children), known by its heartbeat."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    queue = models.CharField(max_length=20, choices=QueueName.choices)
    state = models.CharField(max_length=20, choices=WorkerState.choices, default=WorkerState.ALIVE)
    device = models.CharField(max_length=200, blank=True)
    code_version = models.CharField(max_length=40, blank=True)
    started = models.DateTimeField()
    last_seen = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-started",)

    def __str__(self) -> str:
        return f"{self.queue} {self.host}:{self.pid}"


class Job(models.Model):
    """A piece of work for a worker; its handler is called by dotted path, so this app imports no other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(
        max_length=40, help_text=_("what sort of work, e.g. stylize; durations are compared per kind")
    )
    title = models.CharField(max_length=200, blank=True)
    link = models.CharField(max_length=300, blank=True, help_text=_("address of the page that shows the result"))
    handler = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    queue = models.CharField(max_length=20, choices=QueueName.choices)
    priority = models.IntegerField(default=0, help_text=_("higher goes first"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    public = models.BooleanField(default=False, help_text=_("listed for everybody"))
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)
    language = models.CharField(max_length=10, default="en", help_text=_("of who asked; messages are written in it"))
    alike = models.CharField(
        max_length=200, blank=True, help_text=_("waiting jobs with the same text here may be done at once")
    )

    state = models.CharField(max_length=20, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveIntegerField(default=0, help_text=_("how often it was claimed; the fence of every write"))
    losses = models.PositiveIntegerField(default=0, help_text=_("how often its worker was lost"))
    worker = models.ForeignKey(Worker, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")
    pid = models.PositiveIntegerField(null=True, blank=True, help_text=_("process that runs it"))
    together = models.PositiveSmallIntegerField(
        default=1, help_text=_("how many jobs the last attempt did at once, this one counted")
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    time_limit = models.PositiveIntegerField(default=3600, help_text=_("seconds one attempt may take"))
    cancel_requested = models.DateTimeField(null=True, blank=True)

    progress = models.FloatField(default=0, help_text=_("0 to 1"))
    progress_before = models.FloatField(default=0, help_text=_("progress with which the last attempt began"))
    seconds_before = models.FloatField(default=0, help_text=_("how long its earlier segments ran"))
    step = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True, help_text=_("for the user"))
    detail = models.TextField(blank=True, help_text=_("trace, for staff"))

    parts: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        "self", symmetrical=False, through="JobPart", related_name="wholes"
    )
    parts_left = models.PositiveIntegerField(
        default=0, help_text=_("parts that have to succeed before it is taken again")
    )

    created = models.DateTimeField()
    available = models.DateTimeField(help_text=_("when it joined the queue; its place there"))
    started = models.DateTimeField(null=True, blank=True, help_text=_("when the last attempt began"))
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created",)
        indexes = [
            models.Index(fields=["queue", "state", "-priority", "available"], name="job_queue_order"),
            models.Index(fields=["state", "lease_until"], name="job_leases"),
            models.Index(fields=["kind", "state", "-finished"], name="job_durations"),
            models.Index(fields=["state"], condition=models.Q(parts_left__gt=0), name="job_waits_for_parts"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_live_job_per_dedupe_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def waits_for_parts(self) -> bool:
        return self.state == JobState.QUEUED and self.parts_left > 0


class JobPart(models.Model):
    """`whole` cannot go on before `part` has succeeded. A part may be needed by several."""

    whole = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    part = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["whole", "part"], name="one_link_per_whole_and_part")]

    def __str__(self) -> str:
        return f"{self.part_id} of {self.whole_id}"
