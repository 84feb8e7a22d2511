"""A blind preference test: people choose between two drawings of the same face, not knowing who drew them."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Question(models.TextChoices):
    PERSON = "person", _("Which looks more like the person?")
    DRAWING = "drawing", _("Which looks more like a drawing made by hand?")
    BETTER = "better", _("Which drawing is better?")


class Choice(models.TextChoices):
    """What a vote says of its two candidates; by their number, not by the side they stood on."""

    OPEN = "", _("not answered")
    FIRST = "first", _("the first")
    SECOND = "second", _("the second")
    TIE = "tie", _("cannot tell")


class PreferenceTest(models.Model):
    """`candidates` is a list of {"label", "set"} (specifications, see sets), `faces` the keys of the faces shown.

    The pictures are copies in `folder`, made when the test was: a checkpoint that is deleted or an upload that expires
    leaves a test that has begun as it was. `visitors`: whether all sets were public then; the dataset has to be so still.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    question = models.CharField(_("question"), max_length=20, choices=Question.choices)
    show_photo = models.BooleanField(_("show the photo"), default=True)
    dataset = models.ForeignKey("datasetviewer.Dataset", on_delete=models.CASCADE, related_name="preference_tests")
    photos = models.JSONField(_("photos"))
    candidates = models.JSONField(_("candidates"))
    faces = models.JSONField(_("faces"))
    per_voter = models.PositiveIntegerField(_("questions for each voter"))
    seed = models.PositiveIntegerField(_("seed"), default=0)
    visitors = models.BooleanField(_("open to visitors"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="preference_tests"
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)
    closed = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("preference test")
        verbose_name_plural = _("preference tests")

    def __str__(self) -> str:
        return self.name

    @property
    def labels(self) -> list[str]:
        return [candidate["label"] for candidate in self.candidates]

    @property
    def comparisons(self) -> int:
        """How many different questions there are."""
        return len(self.faces) * len(self.candidates) * (len(self.candidates) - 1) // 2

    @property
    def asked_of_each(self) -> int:
        return min(self.per_voter, self.comparisons)

    @property
    def folder(self) -> Path:
        return preferences_folder() / str(self.id)

    def photo_path(self, face: int) -> Path:
        return self.folder / f"{face}-photo.png"

    def drawing_path(self, face: int, candidate: int) -> Path:
        return self.folder / f"{face}-{candidate}.png"


def new_token() -> str:
    return secrets.token_urlsafe(18)


class Ballot(models.Model):
    """One question put to one voter, and the answer: candidates `first` < `second` on the face number `face`.

    `swapped`: the second stood on the left. `token` is what its pictures' addresses are made of. A voter has at most one
    open question, and gets each question once; the database sees to both.
    """

    test = models.ForeignKey(PreferenceTest, on_delete=models.CASCADE, related_name="ballots")
    voter = models.CharField(max_length=64)
    face = models.PositiveSmallIntegerField()
    first = models.PositiveSmallIntegerField()
    second = models.PositiveSmallIntegerField()
    swapped = models.BooleanField()
    token = models.CharField(max_length=32, unique=True, default=new_token)
    choice = models.CharField(_("choice"), max_length=6, choices=Choice.choices, blank=True, default=Choice.OPEN)
    asked = models.DateTimeField(_("asked"), auto_now_add=True)
    answered = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["test", "voter", "face", "first", "second"], name="question_once_a_voter"),
            models.UniqueConstraint(fields=["test", "voter"], condition=Q(choice=""), name="one_open_question_a_voter"),
        ]
        verbose_name = _("vote")
        verbose_name_plural = _("votes")

    def __str__(self) -> str:
        return f"{self.face}: {self.first} – {self.second}"

    @property
    def left(self) -> int:
        return self.second if self.swapped else self.first

    @property
    def right(self) -> int:
        return self.first if self.swapped else self.second


def preferences_folder() -> Path:
    return Path(settings.DATA_DIR) / "preferences"
