"""Reading protocols: which there are, their entries, and how many of these a dataset can serve."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery

from ..entries import Holdings, PartCoverage, Row, coverage_of, part_of, person_key, unpack
from ..models import Dataset, Image, Pair, Protocol, ProtocolBody, Subject

Entry = tuple[Row, bool]


def protocols_of(dataset: Dataset) -> QuerySet[Protocol]:
    """All versions of all lists of a dataset, newest version first."""
    return Protocol.objects.filter(dataset=dataset).select_related("owner").order_by("name", "-version")


def newest_protocols(dataset: Dataset) -> QuerySet[Protocol]:
    """The newest version of each list."""
    newest = (
        Protocol.objects.filter(dataset=OuterRef("dataset"), name=OuterRef("name"))
        .order_by()
        .values("name")
        .annotate(last=Max("version"))
        .values("last")
    )
    return protocols_of(dataset).filter(version=Subquery(newest))


def protocol_get(*, dataset: Dataset, name: str, version: int | None = None) -> Protocol | None:
    """That version of a list, the newest when none is said; None when it is not there."""
    found = protocols_of(dataset).filter(name=name)
    return (found.filter(version=version) if version is not None else found).first()


def protocol_rows(protocol: Protocol) -> Iterator[Row]:
    """The entries in the order of the list, with the columns that datasetviewer.entries.COLUMNS names."""
    content = ProtocolBody.objects.values_list("content", flat=True).get(pk=protocol.body_id)
    return unpack(bytes(content))


def protocol_text(protocol: Protocol) -> bytes:
    """The canonical CSV of the entries."""
    content = ProtocolBody.objects.values_list("content", flat=True).get(pk=protocol.body_id)
    return gzip.decompress(bytes(content))


def holdings_of(dataset: Dataset, images: QuerySet[Image] | None = None) -> Holdings:
    """What the dataset has, or what of it is among `images` (for a filter that keeps only some)."""
    chosen = Image.objects.filter(dataset=dataset) if images is None else images
    holdings = Holdings()
    members: dict[int, set[str]] = {}
    rows = chosen.order_by("pk").values_list("pk", "key", "subject__name", "modality", "pair_id")
    for number, key, subject, modality, pair in rows.iterator(chunk_size=5000):
        holdings.add_image(number, key, subject, modality)
        if pair is not None:
            members.setdefault(pair, set()).add(modality)
    # A pair needs its photo and a drawing.
    whole = {pair for pair, found in members.items() if "photo" in found and len(found) > 1}
    for number, key in Pair.objects.filter(dataset=dataset).values_list("pk", "key").iterator(chunk_size=5000):
        if number in whole:
            holdings.pairs[person_key(key)] = number
    for number, name in Subject.objects.filter(dataset=dataset).values_list("pk", "name").iterator(chunk_size=5000):
        if person_key(name) in holdings.modalities:
            holdings.subjects[person_key(name)] = number
    return holdings


def protocol_coverage(protocol: Protocol, *, holdings: Holdings) -> list[PartCoverage]:
    """How many entries of each part can be served by these holdings (see holdings_of)."""
    return coverage_of(protocol.kind, protocol.unit, protocol_rows(protocol), holdings, protocol.official)


def stored_coverage(protocol: Protocol) -> list[PartCoverage]:
    """The coverage as it was after the last import; nothing is counted."""
    return [PartCoverage(**part) for part in protocol.coverage.get("parts", [])]


def coverage_as_json(parts: list[PartCoverage]) -> dict[str, Any]:
    return {"parts": [asdict(part) for part in parts]}


def protocol_entries(
    protocol: Protocol, *, part: str = "", missing_only: bool = False, start: int = 0, limit: int = 60
) -> tuple[list[Entry], int]:
    """One page of entries with whether each can be served, and how many there are in all under this filter."""
    holdings = holdings_of(protocol.dataset)
    rows = protocol_rows(protocol)

    def matching() -> Iterator[Entry]:
        for row in rows:
            if part and part_of(protocol.kind, row) != part:
                continue
            served = holdings.serves(protocol.kind, protocol.unit, row)
            if not (missing_only and served):
                yield row, served

    found = matching()
    page = list(islice(found, start, start + limit))
    counts = {entry.part: entry for entry in stored_coverage(protocol)}
    chosen = [counts[part]] if part in counts else [] if part else list(counts.values())
    total = sum(entry.missing if missing_only else entry.entries for entry in chosen)
    return page, total
