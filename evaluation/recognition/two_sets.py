"""The plan behind a probe set and a gallery set: who is in each picture, and what follows from it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from datasetviewer.models import Image
from evaluation.recognition.plans import IDENTIFICATION, VERIFICATION, Plan, PlanPart
from evaluation.recognition.tasks import SIDES, SetsTask
from evaluation.sets import Contents, contents, matched
from workers.engine.errors import InputError

MOST_PAIRS = 12_000_000  # of which rates are computed; more would fill the memory
NOBODY = "?"  # begins the name of a person that the other set does not know


def sets_plan(task: SetsTask, user: Any, *, everything: bool = False) -> Plan:
    """Every probe against the whole gallery. Pictures of datasets are matched by person, files by their names.

    InputError for sets that cannot be used, and when no probe is of somebody in the gallery.
    """
    probe, gallery = (
        contents(spec, side, user=user, everything=everything)
        for side, spec in zip(SIDES, (task.probe, task.gallery), strict=True)
    )
    first, second = persons_of(probe, gallery)
    known = set(first) & set(second)
    if not known:
        text = _(
            "No probe is of a person in the gallery. Pictures of datasets are matched by person (probe: %(probe)s; gallery: "
            "%(gallery)s); files of folders and uploads by name: give both pictures of a person the same."
        )
        raise InputError(text % {"probe": ", ".join(first[:3]), "gallery": ", ".join(second[:3])})
    n, pairs = len(first), len(first) * len(second)
    one_person = len({*first, *second}) == 1
    kinds: tuple[str, ...] = (IDENTIFICATION,)
    facts: dict[str, dict[str, Any]] = {}
    if pairs > MOST_PAIRS:
        facts["too_many_pairs"] = {"pairs": pairs, "most": MOST_PAIRS}
    elif not one_person:
        kinds = (VERIFICATION, IDENTIFICATION)
    strangers = sum(person not in known for person in first)
    if strangers:
        facts["open_set"] = {"unknown": strangers, "n": n}
    if set(probe.paths) & set(gallery.paths):
        facts["same_pictures"] = {"count": len(set(probe.paths) & set(gallery.paths))}
    part = PlanPart("all", tuple(range(n)), tuple(range(n, n + len(second))))
    plan_task = SetsTask(probe.spec, gallery.spec)
    return Plan(plan_task, kinds, (probe, gallery), (*first, *second), (part,), pairs, pairs, facts)


def persons_of(probe: Contents, gallery: Contents) -> tuple[list[str], list[str]]:
    """Who is in each picture of both sets, in names that agree.

    The subject of a dataset's picture, also of one drawn from it. Files without a dataset take over the person of the
    picture that they are matched with (see sets.matched); one that is matched with none is of nobody else.
    """
    named = [_subjects(each) for each in (probe, gallery)]
    if named[0] is not None and named[1] is not None:
        return named[0], named[1]
    found = matched(probe, gallery)
    person_of: dict[tuple[int, object], str] = {}
    subject_at = [
        dict(zip(each.paths, names, strict=True)) if names else {}
        for each, names in zip((probe, gallery), named, strict=True)
    ]
    for key, one, other in zip(found.keys, found.reference, found.candidate, strict=True):
        person = subject_at[0].get(one) or subject_at[1].get(other) or key
        person_of[0, one] = person_of[1, other] = person
    first, second = (
        names
        or [
            person_of.get((side, path), f"{NOBODY}{SIDES[side]} {name}")
            for path, name in zip(each.paths, each.names, strict=True)
        ]
        for side, (each, names) in enumerate(zip((probe, gallery), named, strict=True))
    )
    return first, second


def _subjects(each: Contents) -> list[str] | None:
    """The persons of a dataset's pictures; None for sets that are not a dataset's."""
    if not each.image_ids:
        return None
    wanted = set(each.image_ids)
    rows = Image.objects.filter(dataset=each.dataset).values_list("pk", "subject__name")
    names = {number: name for number, name in rows.iterator(chunk_size=5000) if number in wanted}
    return [names[number] for number in each.image_ids]
