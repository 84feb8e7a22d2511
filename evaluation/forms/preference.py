"""The form of a new preference test: a part of a dataset, and what has been drawn of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from datasetviewer.models import Image, Modality
from datasetviewer.selectors import dataset_visible_to
from evaluation import sets
from evaluation.models import PreferenceTest, Question, UploadedSet
from evaluation.selectors.evaluations import evaluations_visible_to
from evaluation.selectors.paper_tables import published_visible_to
from evaluation.services.preferences import preference_create
from evaluation.set_titles import set_titles
from evaluation.sets import CheckpointSet, DatasetSet, PublishedSet, SetSpec, StylizerSet, UploadSpec, from_json
from workers.engine.errors import InputError
from workers.models import JobState

LOOKED_AT = 500  # the newest evaluations
LONGEST = 60  # candidates to choose from


@dataclass(frozen=True)
class Offer:
    """A candidate set to tick; `value` is its text form."""

    value: str
    title: str
    chosen: bool


class PreferenceForm:
    """What stands in the address or was sent: `on` (dataset:split[:source]), `candidate` (several), and the rest."""

    def __init__(self, data: QueryDict, user: Any) -> None:
        self.data, self.user = data, user
        asked = data.get("on", "")
        self.on = asked if asked in self.parts else next(iter(self.parts), "")
        self.chosen = data.getlist("candidate")
        self.question = data.get("question", Question.PERSON)
        self.name = data.get("name", "")
        self.faces = data.get("faces", "20")
        self.per_voter = data.get("per_voter", "40")
        self.show_photo = "on" in data.getlist("show_photo") if "question" in data else True

    @cached_property
    def _drawn(self) -> dict[str, list[SetSpec]]:
        """What checkpoints and stylizers drew of each part, the newest first."""
        rows = evaluations_visible_to(self.user).filter(job__state=JobState.SUCCEEDED).prefetch_related(None)
        visible = set(dataset_visible_to(self.user).values_list("slug", flat=True))
        found: dict[str, list[SetSpec]] = {}
        for value in rows.values_list("candidate", flat=True)[:LOOKED_AT]:
            spec = from_json(value)
            if not isinstance(spec, CheckpointSet | StylizerSet) or spec.dataset not in visible:
                continue
            if spec.split == sets.HELD_OUT:
                continue
            specs = found.setdefault(":".join(filter(None, [spec.dataset, spec.split, spec.source])), [])
            if spec not in specs:
                specs.append(spec)
        return found

    @property
    def parts(self) -> list[str]:
        """Parts of datasets of which something was drawn."""
        return list(self._drawn)

    @cached_property
    def offers(self) -> list[Offer]:
        if not self.on:
            return []
        dataset, split, source = self._part
        kinds = Image.objects.filter(dataset__slug=dataset).exclude(modality=Modality.PHOTO)
        real = [
            DatasetSet(dataset, split, kind, source) for kind in sorted(set(kinds.values_list("modality", flat=True)))
        ]
        uploads = list(UploadedSet.objects.filter(owner=self.user)) if self.user.is_authenticated else []
        own = [UploadSpec(str(each.pk), each.name) for each in uploads]
        brought = published_visible_to(self.user).filter(dataset__slug=dataset, split=split, source=source)
        published = [PublishedSet(str(each.pk), each.name) for each in brought[:LONGEST]]
        specs: list[SetSpec] = [*self._drawn[self.on][:LONGEST], *published, *real, *own]
        titles = set_titles(specs)
        return [Offer(str(spec), titles[spec], str(spec) in self.chosen) for spec in specs]

    @property
    def _part(self) -> tuple[str, str, str]:
        dataset, split, source = [*self.on.split(":"), ""][:3]
        return dataset, split, source

    @property
    def questions(self) -> list[tuple[str, str]]:
        return [(value, str(text)) for value, text in Question.choices]

    def submit(self) -> PreferenceTest:
        """InputError for what cannot be."""
        if not self.on:
            raise InputError(_("Nothing is drawn yet: measure a checkpoint first."))
        dataset, split, source = self._part
        offered = {offer.value for offer in self.offers}
        for value in self.chosen:
            if value not in offered:
                text = _("candidates: %(set)s is not among those that were drawn of %(on)s.")
                raise InputError(text % {"set": repr(value)[:80], "on": self.on})
        return preference_create(
            user=self.user,
            name=self.name,
            question=self.question,
            photos=DatasetSet(dataset, split, Modality.PHOTO.value, source),
            candidates=[sets.parse_text(value, "candidate") for value in self.chosen],
            faces=_number(self.faces, _("faces")),
            per_voter=_number(self.per_voter, _("questions for each voter")),
            show_photo=self.show_photo,
        )


def _number(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(
            _("%(what)s: %(given)s is no whole number.") % {"what": what, "given": repr(text)[:40]}
        ) from None
