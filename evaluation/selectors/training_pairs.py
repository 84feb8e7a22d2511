"""Which pairs a training uses: those of a dataset in one direction, and the part of them that is held out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Image, Modality
from datasetviewer.selectors import image_path, images_select
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest

FEWEST = 2  # pairs to train on; one cannot tell a face from the background


@dataclass(frozen=True)
class TrainingPair:
    """A source picture and the target drawn from it. `key` is the pair's, with a number behind it from its second on."""

    key: str
    subject: str
    source: Image
    target: Image

    @property
    def source_path(self) -> Path:
        return image_path(self.source)

    @property
    def target_path(self) -> Path:
        return image_path(self.target)


@dataclass(frozen=True)
class ChosenPairs:
    """What a training is made of: pairs to learn from, pairs held out, and the digest of the former."""

    train: tuple[TrainingPair, ...]
    validation: tuple[TrainingPair, ...]
    digest: str


def direction_of(text: str) -> tuple[str, str]:
    """("photo", "sketch") of an option such as photo-sketch. InputError for another text."""
    source, _arrow, target = str(text).replace("->", "-").replace(">", "-").replace("_to_", "-").partition("-")
    if source not in Modality.values or target not in Modality.values:
        known = ", ".join(Modality.values)
        words = _("direction: %(text)s is not two of %(known)s with a dash between, e.g. photo-sketch.")
        raise InputError(words % {"text": repr(text)[:80], "known": known})
    return source, target


def pairs_of(dataset: Dataset, *, split: str, source: str, direction: tuple[str, str]) -> list[TrainingPair]:
    """The pairs by key; a pair with two drawings of the target modality gives two. Two queries.

    From a modality to itself every picture is its own target, whether it belongs to a pair or not. InputError for an
    unknown split or source.
    """
    images = images_select(dataset=dataset, split=split, modality="all", source=source).select_related(
        "dataset", "subject"
    )
    first, second = direction
    if first == second:
        alone = images.filter(modality=first)
        return [TrainingPair(image.key, image.subject.name, image, image) for image in alone]
    members = images.filter(modality__in=direction, pair__isnull=False).select_related("dataset", "subject", "pair")
    return _matched(members, first, second)


def _matched(members: QuerySet[Image], first: str, second: str) -> list[TrainingPair]:
    by_pair: dict[str, dict[str, list[Image]]] = {}
    for image in members.order_by("pair__key", "key"):
        assert image.pair is not None  # filtered above
        by_pair.setdefault(image.pair.key, {first: [], second: []})[image.modality].append(image)
    found = []
    for key, sides in by_pair.items():
        both = [(one, other) for one in sides[first] for other in sides[second]]
        for number, (one, other) in enumerate(both, start=1):
            name = key if number == 1 else f"{key}:{number}"
            found.append(TrainingPair(name, one.subject.name, one, other))
    return found


def pairs_chosen(
    dataset: Dataset,
    *,
    split: str,
    source: str,
    direction: tuple[str, str],
    validation_share: float,
    seed: int,
) -> ChosenPairs:
    """The pairs to train on and those held out; InputError with what the dataset holds when they are too few."""
    pairs = pairs_of(dataset, split=split, source=source, direction=direction)
    train, validation = held_out(pairs, share=validation_share, seed=seed)
    if len(train) < FEWEST:
        raise InputError(_too_few(dataset, split=split, source=source, direction=direction, n=len(pairs)))
    digest = set_digest(f"{pair.source.sha256}:{pair.target.sha256}" for pair in train)
    return ChosenPairs(tuple(train), tuple(validation), digest)


def held_out(
    pairs: Iterable[TrainingPair], *, share: float, seed: int
) -> tuple[list[TrainingPair], list[TrainingPair]]:
    """(to train on, held out): whole persons, so that no held-out face was learnt from another picture of it.

    Persons are taken in the order of a hash of seed and name until `share` of the pairs is reached; at least one when the
    share is above 0 and there are two. The same pairs, share and seed give the same answer on every machine.
    """
    pairs = list(pairs)
    sizes: dict[str, int] = {}
    for pair in pairs:
        sizes[pair.subject] = sizes.get(pair.subject, 0) + 1
    wanted = share * len(pairs)
    out: set[str] = set()
    taken = 0
    for name in sorted(sizes, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()):
        if taken >= wanted or len(out) + 1 >= len(sizes):
            break
        out.add(name)
        taken += sizes[name]
    return [pair for pair in pairs if pair.subject not in out], [pair for pair in pairs if pair.subject in out]


def _too_few(dataset: Dataset, *, split: str, source: str, direction: tuple[str, str], n: int) -> str:
    """Why there is not enough to train on, and what the dataset holds instead."""
    words = _(
        "%(dataset)s has %(n)s pairs %(from)s to %(to)s in %(set)s; at least %(least)s are needed. It has: %(held)s."
    )
    held = [
        f"{name} {len(pairs_of(dataset, split=name, source='', direction=direction))}"
        for name in sorted(set(dataset.images.order_by().values_list("split", flat=True).distinct()) - {""}) or ["all"]
    ]
    return words % {
        "dataset": dataset.slug,
        "n": n,
        "from": Modality(direction[0]).label,
        "to": Modality(direction[1]).label,
        "set": ":".join(filter(None, [split, source])),
        "least": FEWEST + 1,
        "held": ", ".join(held),
    }
