"""What visitors make: one row a sketch."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from workers.models import JobState

from .choosing import faces_shown, question

MAX_SEED = 2**31 - 1
MIN_STRENGTH, MAX_STRENGTH = 0.2, 2.0


class Stylization(models.Model):
    """A photo that somebody sent and the sketch that was made of it.

    Its state is the job's. Who knows the address may look; only who made it may delete it. The pictures lie in
    `folder` and go at `expires_at`, or when it is removed. The row stays an hour longer than it was made, without
    anything of the picture in it, so that deleting does not reset the hourly limit.
    """

    FILES = ("photo", "aligned", "sketch")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="stylizations"
    )
    visitor = models.CharField(
        max_length=64, blank=True, help_text=_("keyed digest of a visitor's address, for limits")
    )
    model = models.CharField(max_length=200, help_text=_("what draws, e.g. pencil"))
    seed = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_SEED)])
    strength = models.FloatField(
        default=1.0, validators=[MinValueValidator(MIN_STRENGTH), MaxValueValidator(MAX_STRENGTH)]
    )
    to_seed = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_SEED)],
        help_text=_("the other end of a way between two drawings; none: the seed alone"),
    )
    mix = models.FloatField(
        default=0.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("how far along that way, 0 is the seed and 1 the other one"),
    )
    name = models.CharField(max_length=100, blank=True, help_text=_("of the sent file; not shown to others"))
    width = models.PositiveIntegerField(help_text=_("of the stored photo, in pixels"))
    height = models.PositiveIntegerField(help_text=_("of the stored photo, in pixels"))
    face_box = models.JSONField(null=True, blank=True, help_text=_("left, top, right, bottom in the photo's pixels"))
    eyes = models.JSONField(null=True, blank=True, help_text=_("centres [x, y] of the viewer's left and right eye"))
    together = models.UUIDField(
        null=True, blank=True, db_index=True, help_text=_("shared by the sketches that were asked for at once")
    )
    source = models.UUIDField(
        null=True, blank=True, db_index=True, help_text=_("the first sketch of the same photo, where this is not it")
    )
    points = models.JSONField(
        null=True,
        blank=True,
        help_text=_(
            "five [x, y] set by the person, in the stored photo's pixels: left eye, right eye, nose tip, left and right "
            "mouth corner, as the viewer sees them"
        ),
    )
    face_index = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("which of the faces found was chosen, largest first; none: the only one")
    )
    found = models.JSONField(
        null=True,
        blank=True,
        help_text=_("all faces found in the stored photo, largest first, each a box and five points"),
    )
    transform = models.JSONField(
        null=True, blank=True, help_text=_("scale, angle in radians, x and y: from the stored photo to the aligned one")
    )
    quality = models.JSONField(null=True, blank=True, help_text=_("the quality report"))
    seconds = models.JSONField(null=True, blank=True, help_text=_("how long each step took"))
    job = models.OneToOneField("workers.Job", on_delete=models.PROTECT, related_name="stylization")
    created = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    removed = models.DateTimeField(null=True, blank=True, help_text=_("when the pictures were deleted"))

    class Meta:
        ordering = ("-created",)
        indexes = [
            models.Index(fields=["visitor", "created"], name="stylization_visitor"),
            models.Index(fields=["owner", "created"], name="stylization_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("stylized_face:sketch-detail", args=[self.id])

    @property
    def question(self) -> str:
        """What the drawing waits for after it failed: "which" face is meant, "where" a face is; "" for nothing."""
        if self.job.state != JobState.FAILED or self.points is not None or self.face_index is not None:
            return ""
        return question(self.found)

    @property
    def first(self) -> uuid.UUID:
        """The first sketch that was asked for of this photo; it stands for the photo, also when it is deleted itself."""
        return self.source or self.id

    @property
    def faces(self) -> list[dict]:
        """The faces found, as a page shows them."""
        return faces_shown(self.found or [])

    @property
    def folder(self) -> Path:
        return stylizations_folder() / str(self.id)

    def file(self, name: str) -> Path:
        """Path of one of FILES: the re-encoded photo, the aligned photo, the sketch."""
        if name not in self.FILES:
            raise ValueError(f"a stylization has no file {name!r}")
        return self.folder / f"{name}.png"


def stylizations_folder() -> Path:
    return Path(settings.DATA_DIR) / "stylizations"
