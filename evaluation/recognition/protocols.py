"""The plan behind a protocol of a dataset: its entries against the pictures that the dataset has.

Verification, restricted: the listed pairs. Unrestricted: every caricature with every photo of the listed persons. In view 1
the training part chooses the threshold and the testing part is reported; in view 2 each fold is reported, its threshold
chosen on the other nine. Identification: each fold's probes among its gallery.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from datasetviewer.entries import Row, person_key
from datasetviewer.models import Dataset, Image, Modality, Protocol, ProtocolKind, ProtocolUnit, Split
from datasetviewer.selectors import (
    dataset_visible_to,
    holdings_of,
    image_path,
    protocol_get,
    protocol_rows,
    protocols_of,
)
from evaluation.recognition.plans import IDENTIFICATION, VERIFICATION, Plan, PlanPart
from evaluation.recognition.tasks import ProtocolTask
from evaluation.sets import ALL, Contents, DatasetSet
from evaluation.sets.contents import name_of
from evaluation.sets.parsing import refuse
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest

TESTABLE = (ProtocolKind.VERIFICATION, ProtocolKind.IDENTIFICATION)
Sides = dict[str, tuple[list[int], list[int], list[bool]]]  # part -> pictures of both sides, and whether one person


def protocol_of_task(task: ProtocolTask, user: Any, *, everything: bool = False) -> Protocol:
    """The list that a task names. InputError, with what there is, for unknown ones and for lists of another kind."""
    datasets = Dataset.objects.all() if everything else dataset_visible_to(user)
    dataset = datasets.filter(slug=task.dataset).first()
    if dataset is None:
        refuse("dataset", _("dataset"), task.dataset, tuple(datasets.values_list("slug", flat=True)))
    found = protocol_get(dataset=dataset, name=task.protocol, version=task.version or None)
    if found is None or found.kind not in TESTABLE:
        known = protocols_of(dataset).filter(kind__in=TESTABLE).order_by("name").values_list("name", flat=True)
        refuse("protocol", _("verification or identification protocol"), str(task), tuple(dict.fromkeys(known)))
    return found


def protocol_plan(task: ProtocolTask, user: Any, *, everything: bool = False) -> Plan:
    """The plan; pictures that the dataset lacks are left out and counted. InputError when nothing is left to compare."""
    protocol = protocol_of_task(task, user, everything=everything)
    rows = list(protocol_rows(protocol))
    if protocol.kind == ProtocolKind.IDENTIFICATION:
        sides, served, entries = _identification(protocol, rows)
    elif protocol.unit == ProtocolUnit.IMAGE:
        sides, served, entries = _listed_pairs(protocol, rows)
    else:
        sides, served, entries = _counted(protocol, rows)
    sides = {part: both for part, both in sides.items() if both[0] and both[1]}
    if not sides:
        text = _("%(protocol)s: the dataset has none of the pictures that this protocol compares.")
        raise InputError(text % {"protocol": str(task)})
    listed = protocol.kind == ProtocolKind.VERIFICATION and protocol.unit == ProtocolUnit.IMAGE
    contents, persons, place = _pictures(
        protocol.dataset, {key for one in sides.values() for key in (*one[0], *one[1])}
    )
    halves = Split.TRAIN.value in sides and Split.TEST.value in sides
    parts = tuple(
        PlanPart(
            part,
            tuple(place[key] for key in first),
            tuple(place[key] for key in second),
            tuple(same) if listed else None,
            reported=not (halves and part == Split.TRAIN),
        )
        for part, (first, second, same) in sides.items()
    )
    schemes = {ProtocolUnit.IMAGE: "restricted", ProtocolUnit.SUBJECT: "unrestricted"}
    verification = protocol.kind == ProtocolKind.VERIFICATION
    return Plan(
        ProtocolTask(protocol.dataset.slug, protocol.name, protocol.version),
        (VERIFICATION,) if verification else (IDENTIFICATION,),
        contents,
        persons,
        parts,
        entries,
        served,
        scheme=schemes[ProtocolUnit(protocol.unit)] if verification else "",
    )


def _listed_pairs(protocol: Protocol, rows: list[Row]) -> tuple[Sides, int, int]:
    holdings = holdings_of(protocol.dataset)
    sides: Sides = defaultdict(lambda: ([], [], []))
    served = 0
    for part, first, second, same in rows:
        one, other = holdings.image(first), holdings.image(second)
        if one is not None and other is not None:
            served += 1
            firsts, seconds, matches = sides[part]
            firsts.append(one)
            seconds.append(other)
            matches.append(same == "1")
    return sides, served, len(rows)


def _counted(protocol: Protocol, rows: list[Row]) -> tuple[Sides, int, int]:
    """Every caricature against every photo of the listed persons of a part, at most as many as the list counts."""
    pictures: dict[tuple[str, str], list[int]] = defaultdict(list)
    images = Image.objects.filter(dataset=protocol.dataset).order_by("key")
    for number, person, modality in images.values_list("pk", "subject__name", "modality").iterator(chunk_size=5000):
        pictures[person_key(person), modality].append(number)
    sides: Sides = defaultdict(lambda: ([], [], []))
    served = entries = 0
    for part, name, caricatures, photos in rows:
        wanted = ((Modality.CARICATURE, int(caricatures)), (Modality.PHOTO, int(photos)))
        for side, (modality, count) in zip(sides[part][:2], wanted, strict=True):
            there = pictures[person_key(name), modality.value][:count]
            side.extend(there)
            served, entries = served + len(there), entries + count
    return sides, served, entries


def _identification(protocol: Protocol, rows: list[Row]) -> tuple[Sides, int, int]:
    holdings = holdings_of(protocol.dataset)
    sides: Sides = defaultdict(lambda: ([], [], []))
    served = entries = 0
    for part, role, name in rows:
        if role == "train":
            continue  # who trains with it; a test compares the others
        entries += 1
        image = holdings.image(name)
        if image is not None:
            served += 1
            probes, gallery, _matches = sides[part]
            (probes if role == "probe" else gallery).append(image)
    return sides, served, entries


def _pictures(dataset: Dataset, wanted: set[int]) -> tuple[tuple[Contents, ...], tuple[str, ...], dict[int, int]]:
    """One set a modality, the persons of all pictures, and the place of each picture (by its number)."""
    images = Image.objects.filter(dataset=dataset).select_related("dataset", "subject").order_by("key")
    by_modality: dict[str, list[Image]] = defaultdict(list)
    for image in images.iterator(chunk_size=5000):
        if image.pk in wanted:
            by_modality[image.modality].append(image)
    contents: list[Contents] = []
    persons: list[str] = []
    place: dict[int, int] = {}
    for modality in sorted(by_modality):
        listed = by_modality[modality]
        for image in listed:
            place[image.pk] = len(persons)
            persons.append(image.subject.name)
        contents.append(
            Contents(
                DatasetSet(dataset.slug, ALL, modality),
                dataset,
                tuple(image_path(image) for image in listed),
                tuple(name_of(image) for image in listed),
                set_digest(image.sha256 for image in listed),
                tuple(image.key for image in listed),
                image_ids=tuple(image.pk for image in listed),
            )
        )
    return tuple(contents), tuple(persons), place
