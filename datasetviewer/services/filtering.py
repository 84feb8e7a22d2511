"""The filter over a dataset: a verdict for each picture with landmarks, and the table of what other values of r keep."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from workers.engine.alignment import template_data, template_from_data
from workers.engine.errors import InputError
from workers.engine.filtering import SENSITIVITY, check_r, require_five
from workers.engine.geometry import Template
from workers.queue import enqueue

from ..entries import Holdings, person_key
from ..models import Dataset, Decision, FilterRun, Image, ImageDecision, ImageJudgement, Modality, Pair, Subject
from ..selectors.protocols import newest_protocols, protocol_coverage
from .counts import dataset_recount
from .reports import Report, no_report
from .verdicts import judge_image, judgement_row, verdicts_store

CHUNK = 500
NEVER = math.inf  # no r keeps this picture


@transaction.atomic
def filter_submit(*, dataset: Dataset, template: Template, r: float, owner: Any) -> tuple[FilterRun, bool]:
    """Queue the filter; (run, whether it is new). InputError when there is nothing to judge."""
    require_five(template)
    check_r(r)
    if not Image.objects.filter(dataset=dataset).exclude(five=None).exists():
        raise InputError(
            _("No picture of %(slug)s has landmarks, so none can be judged. Find the faces first.")
            % {"slug": dataset.slug}
        )
    job, created = enqueue(
        kind="filter",
        handler="datasetviewer.alignment_jobs.filter_dataset",
        queue="batch",
        arguments={"template": template.name, "r": r},
        owner=owner,
        title=_("Filter %(name)s") % {"name": dataset.name},
        link=reverse("datasetviewer:dataset-filter", args=[dataset.slug]),
        public=dataset.public,
        dedupe_key=f"filter:{dataset.pk}",
        time_limit=3600,
    )
    if not created:
        live = FilterRun.objects.get(job=job)
        if live.template == template_data(template) and live.r == r:
            return live, False
        raise InputError(_("Another filter of this dataset is queued or running. Wait for it, or cancel it."))
    return FilterRun.objects.create(dataset=dataset, job=job, template=template_data(template), r=r), True


@dataclass(frozen=True)
class Filtered:
    """What a run found: images in the order they are stored, their judgements by id, and the report."""

    images: list[Image]
    judgements: dict[int, ImageJudgement]
    report: dict[str, Any]


def dataset_judge(*, run: FilterRun, report: Report = no_report) -> Filtered:
    """Judge every picture; nothing is written yet (verdicts_store does that)."""
    dataset, template = run.dataset, template_from_data(run.template)
    fields = ("pk", "key", "modality", "pair_id", "subject_id", "landmarks", "five", "verdict", "verdict_reason")
    total = Image.objects.filter(dataset=dataset).count()
    images: list[Image] = []
    judgements: dict[int, ImageJudgement] = {}
    for image in Image.objects.filter(dataset=dataset).only(*fields).order_by("key").iterator(CHUNK):
        found = judge_image(image, template)
        if found is not None:
            judgements[image.pk] = judgement_row(image, run, found)
        image.landmarks = image.five = None  # 68 points of half a million pictures would fill the memory
        images.append(image)
        report(len(images), total, image.key)
    table = _report(dataset, images, judgements)
    return Filtered(images, judgements, table)


def filter_store(*, run: FilterRun, filtered: Filtered) -> None:
    """Write verdicts and report; inside the transaction that ends the job."""
    verdicts_store(run=run, images=filtered.images, judgements=filtered.judgements)
    FilterRun.objects.filter(pk=run.pk).update(report=filtered.report)
    dataset_recount(dataset=run.dataset)


def needed_r(reason: str, deviation: float | None, decision: str | None) -> float:
    """The smallest r at which a picture is usable; 0 always, infinite never."""
    if decision == Decision.EXCLUDE:
        return NEVER
    if decision == Decision.INCLUDE:
        return 0.0
    if deviation is None or reason in ("side_face", "outside"):
        return NEVER
    return deviation


def sensitivity(
    images: Iterable[tuple[str, float]],
    pairs: Iterable[float],
    subjects: Iterable[float],
    lost_entries: Callable[[float], dict[str, int]],
) -> list[dict[str, Any]]:
    """One row for each r of SENSITIVITY: what is kept, and what is lost of pairs, persons and protocol entries.

    images          (modality, smallest r that keeps it)
    pairs, subjects  the smallest r at which each is served
    lost_entries    r -> entries lost, by protocol
    """
    images, pairs, subjects = list(images), list(pairs), list(subjects)
    rows = []
    for r in SENSITIVITY:
        by_modality = Counter(modality for modality, needed in images if needed <= r)
        rows.append(
            {
                "r": r,
                "kept": sum(by_modality.values()),
                "by_modality": dict(by_modality),
                "lost_pairs": sum(needed > r for needed in pairs),
                "lost_subjects": sum(needed > r for needed in subjects),
                "lost_entries": lost_entries(r),
            }
        )
    return rows


def _report(dataset: Dataset, images: list[Image], judgements: dict[int, ImageJudgement]) -> dict[str, Any]:
    decisions = dict(
        ImageDecision.objects.filter(image__dataset=dataset, undone=None).values_list("image_id", "decision")
    )
    needed: dict[int, float] = {}
    by_subject: dict[int, float] = {}
    photos: dict[int, float] = {}
    drawings: dict[int, float] = {}
    reasons: Counter[str] = Counter()
    for image in images:
        row = judgements.get(image.pk)
        one = needed_r(row.reason if row else "", row.deviation if row else None, decisions.get(image.pk))
        needed[image.pk] = one
        by_subject[image.subject_id] = min(one, by_subject.get(image.subject_id, NEVER))
        if image.pair_id is not None:
            side = photos if image.modality == Modality.PHOTO else drawings
            side[image.pair_id] = min(one, side.get(image.pair_id, NEVER))
        reasons["unjudged" if row is None else row.reason or "kept"] += 1
    by_pair = {pair: max(one, drawings.get(pair, NEVER)) for pair, one in photos.items()}
    modalities = Counter(image.modality for image in images)
    protocols = ServedEntries(dataset, images, needed, by_pair)
    return {
        "images": len(images),
        "by_modality": {name: n for name in Modality.values if (n := modalities[name])},
        "judged": len(judgements),
        "reasons": dict(reasons),
        "pairs": len(by_pair),
        "subjects": len(by_subject),
        "protocols": protocols.before,
        "table": sensitivity(
            [(image.modality, needed[image.pk]) for image in images],
            by_pair.values(),
            by_subject.values(),
            protocols.lost,
        ),
    }


class ServedEntries:
    """How many entries of the newest protocols the dataset serves (`before`), and how many of these an r loses."""

    def __init__(
        self, dataset: Dataset, images: list[Image], needed: dict[int, float], pairs: dict[int, float]
    ) -> None:
        self.protocols = list(newest_protocols(dataset))
        self.needed, self.pairs, self.images = needed, pairs, images
        self.before: dict[str, int] = {}
        if not self.protocols:
            return
        self.subject_names = dict(Subject.objects.filter(dataset=dataset).values_list("pk", "name"))
        self.pair_keys = dict(Pair.objects.filter(dataset=dataset).values_list("pk", "key"))
        served = self._served(lambda _needed: True)
        # A list of which nothing could be served anyway has nothing to lose.
        self.protocols = [protocol for protocol in self.protocols if served[protocol.name]]
        self.before = {protocol.name: served[protocol.name] for protocol in self.protocols}

    def lost(self, r: float) -> dict[str, int]:
        if not self.protocols:
            return {}
        served = self._served(lambda needed: needed <= r)
        return {name: total - served[name] for name, total in self.before.items()}

    def _served(self, usable: Callable[[float], bool]) -> dict[str, int]:
        holdings = Holdings()
        for image in self.images:
            if usable(self.needed[image.pk]):
                holdings.add_image(image.pk, image.key, self.subject_names[image.subject_id], image.modality)
        for pair, needed in self.pairs.items():
            if usable(needed):
                holdings.pairs[person_key(self.pair_keys[pair])] = pair
        for number, name in self.subject_names.items():
            if person_key(name) in holdings.modalities:
                holdings.subjects[person_key(name)] = number
        return {
            protocol.name: sum(part.served for part in protocol_coverage(protocol, holdings=holdings))
            for protocol in self.protocols
        }
