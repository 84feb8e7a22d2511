"""Writing protocols: a list is stored once and never changed; one that differs becomes the next version."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from workers.engine.errors import InputError

from ..entries import Holdings, Row, coverage_of, digest_of, parts_of, plain_name, read_list
from ..layouts import Problem, ProtocolList
from ..models import Dataset, Image, Pair, Protocol, ProtocolBody, ProtocolKind, ProtocolOrigin, ProtocolUnit, Split
from ..selectors.protocols import coverage_as_json, holdings_of, protocol_coverage, protocol_rows
from .counts import dataset_recount

MAX_LIST_BYTES = 100 * 1024 * 1024
NAME_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
CHUNK = 500


def protocol_create(
    *,
    dataset: Dataset,
    name: str,
    kind: str,
    unit: str,
    rows: Sequence[Row],
    origin: str,
    title: str = "",
    description: str = "",
    source: str = "",
    official: dict[str, int] | None = None,
    owner: Any = None,
    holdings: Holdings | None = None,
) -> tuple[Protocol, bool]:
    """The list as a version of this name; (protocol, whether it is new). Entries that a version has give that one."""
    if not NAME_PATTERN.fullmatch(name):
        text = _("%(name)s cannot be a list's name: use a-z, 0-9 and dashes, at most 80 characters.")
        raise InputError(text % {"name": repr(name)[:100]})
    digest, content = digest_of(kind, unit, rows)
    known = holdings or holdings_of(dataset)
    coverage = coverage_as_json(coverage_of(kind, unit, rows, known, official))
    for _attempt in range(5):
        versions = Protocol.objects.filter(dataset=dataset, name=name).order_by("-version")
        same = versions.filter(body_id=digest).first()
        if same is not None:
            return same, False
        last = versions.first()
        try:
            with transaction.atomic():
                ProtocolBody.objects.get_or_create(digest=digest, defaults={"content": content})
                protocol = Protocol.objects.create(
                    dataset=dataset, name=name, version=last.version + 1 if last else 1, kind=kind, unit=unit,
                    origin=origin, body_id=digest, title=title[:200], description=description, source=source,
                    official=official or {}, counts=parts_of(kind, rows), coverage=coverage, owner=owner,
                )  # fmt: skip
        except IntegrityError:
            continue  # somebody else made this version in the same moment: look again
        return protocol, True
    raise InputError(_("Somebody else is changing this list at this moment; try again."))


def protocol_from_csv(
    *, dataset: Dataset, name: str, kind: str, unit: str, content: bytes, file_name: str, owner: Any, title: str = ""
) -> tuple[Protocol, bool]:
    """A person's own list. InputError names the line; a list of which this dataset has nothing is refused."""
    if len(content) > MAX_LIST_BYTES:
        raise InputError(_("The list is larger than %(limit)d MiB.") % {"limit": MAX_LIST_BYTES // 1024**2})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(_("The list is not text in UTF-8. Save it as CSV (UTF-8) and try again.")) from None
    rows = read_list(text, kind=kind, unit=unit, where=file_name[:100] or "CSV")
    holdings = holdings_of(dataset)
    if not any(holdings.serves(kind, unit, row) for row in rows):
        text = _(
            "Nothing that the list names is in %(dataset)s. A name here looks like %(example)s, not like %(given)s."
        )
        facts = {"dataset": dataset.slug, "example": repr(_example(dataset, unit)), "given": repr(rows[0][-1])}
        raise InputError(text % facts)
    return protocol_create(
        dataset=dataset, name=name, kind=kind, unit=unit, rows=rows, origin=ProtocolOrigin.UPLOADED, title=title,
        source=file_name[:200], owner=owner, holdings=holdings,
    )  # fmt: skip


def _example(dataset: Dataset, unit: str) -> str:
    rows: Any = dataset.images if unit == ProtocolUnit.IMAGE else dataset.pairs
    field = "name" if unit == ProtocolUnit.SUBJECT else "key"
    rows = dataset.subjects if unit == ProtocolUnit.SUBJECT else rows
    return rows.values_list(field, flat=True).first() or "?"


def protocols_import(*, dataset: Dataset, lists: Iterable[ProtocolList | Problem]) -> list[Problem]:
    """Store the lists that came with a folder, refresh the coverage of all, and return the remarks.

    The pictures' split follows the folder's own list, unless somebody applied another one before.
    """
    remarks: list[Problem] = []
    holdings = holdings_of(dataset)
    for entry in lists:
        if isinstance(entry, Problem):
            remarks.append(entry)
            continue
        protocol, _created = protocol_create(
            dataset=dataset, name=entry.name, kind=entry.kind, unit=entry.unit, rows=entry.rows,
            origin=ProtocolOrigin.IMPORTED, title=entry.title, description=entry.description, source=entry.source,
            official=dict(entry.official), holdings=holdings,
        )  # fmt: skip
        current = dataset.split_protocol
        follows = current is None or (current.name == entry.name and current.origin == ProtocolOrigin.IMPORTED)
        if entry.applies and follows and current != protocol:
            dataset.split_protocol = protocol
            dataset.save(update_fields=["split_protocol"])
    coverage_refresh(dataset=dataset, holdings=holdings)
    return remarks


def coverage_refresh(*, dataset: Dataset, holdings: Holdings | None = None) -> None:
    """Count again what the dataset can serve of each of its lists."""
    known = holdings or holdings_of(dataset)
    for protocol in Protocol.objects.filter(dataset=dataset):
        coverage = coverage_as_json(protocol_coverage(protocol, holdings=known))
        if coverage != protocol.coverage:
            Protocol.objects.filter(pk=protocol.pk).update(coverage=coverage)


def protocol_apply(*, protocol: Protocol) -> int:
    """Make this split the current one of the dataset's pictures and pairs; returns how many pictures have a split now.

    Pictures the list does not name have none afterwards. All in one transaction.
    """
    if protocol.kind != ProtocolKind.SPLIT:
        raise InputError(_("%(name)s is no split; only a split can be applied.") % {"name": protocol.name})
    dataset = protocol.dataset
    holdings = holdings_of(dataset)
    by_image: dict[int, str] = {}
    named: dict[str, str] = {}
    for split, name in protocol_rows(protocol):
        if protocol.unit == ProtocolUnit.IMAGE:
            number = holdings.image(name)
            if number is not None:
                by_image[number] = split
        else:
            number = holdings.pair(name) if protocol.unit == ProtocolUnit.PAIR else holdings.subject(name)
            if number is not None:
                named[str(number)] = split
    images = Image.objects.filter(dataset=dataset)
    if protocol.unit != ProtocolUnit.IMAGE:
        column = "pair_id" if protocol.unit == ProtocolUnit.PAIR else "subject_id"
        for number, group in images.values_list("pk", column).iterator(chunk_size=5000):
            if str(group) in named:
                by_image[number] = named[str(group)]
    with transaction.atomic():
        for split in Split.values:
            wanted = [number for number, given in by_image.items() if given == split]
            for start in range(0, len(wanted), CHUNK):
                images.filter(pk__in=wanted[start : start + CHUNK]).exclude(split=split).update(split=split)
        rest = [pk for pk in images.exclude(split="").values_list("pk", flat=True) if pk not in by_image]
        for start in range(0, len(rest), CHUNK):
            images.filter(pk__in=rest[start : start + CHUNK]).update(split="")
        _pairs_follow(dataset)
        dataset.split_protocol = protocol
        dataset.save(update_fields=["split_protocol"])
    dataset_recount(dataset=dataset)
    return len(by_image)


def _pairs_follow(dataset: Dataset) -> None:
    """A pair has the split of its photo."""
    splits = dict(
        Image.objects.filter(dataset=dataset, modality="photo", pair__isnull=False).values_list("pair", "split")
    )
    moved = [pair for pair in Pair.objects.filter(dataset=dataset) if pair.split != splits.get(pair.pk, pair.split)]
    for pair in moved:
        pair.split = splits[pair.pk]
    Pair.objects.bulk_update(moved, ["split"], batch_size=CHUNK)


def amount_of(text: str | int | float) -> int | float:
    """ "20" -> 20 persons, "0.1" or "10%" -> a tenth of them; InputError for anything else."""
    given = str(text).strip()
    try:
        value = float(given[:-1]) / 100 if given.endswith("%") else float(given)
    except ValueError:
        value = -1
    is_count = given.isascii() and given.isdigit()
    if not (value > 0 and (is_count or value < 1)) or value > 10_000_000:
        raise InputError(
            _("%(text)s is neither a number of persons (20) nor a part of them (0.1 or 10%%).")
            % {"text": repr(given[:40])}
        )
    return int(value) if is_count else value


def protocol_cut_validation(
    *, protocol: Protocol, amount: int | float, seed: int, owner: Any = None
) -> tuple[Protocol, bool]:
    """The next version of a split, with persons drawn from train into validation. The same seed draws the same persons.

    amount  a number of persons, or a part of the training persons (between 0 and 1)
    Whole persons move, so that nobody is trained on and selected by. Persons without entries here cannot be drawn.
    """
    if protocol.kind != ProtocolKind.SPLIT:
        raise InputError(_("%(name)s is no split; a validation part is cut from a split.") % {"name": protocol.name})
    rows = list(protocol_rows(protocol))
    if any(row[0] == "validation" for row in rows):
        text = _("%(name)s v%(version)d has a validation part already; cut it from the version before.")
        raise InputError(text % {"name": protocol.name, "version": protocol.version})
    holdings = holdings_of(protocol.dataset)
    person_of = _person_finder(protocol, holdings)
    persons = sorted({person_of(row[1]) for row in rows if row[0] == "train"})
    count = round(amount * len(persons)) if isinstance(amount, float) else amount
    _check_validation(count, len(persons))
    chosen = set(random.Random(seed).sample(persons, count))
    cut = [("validation" if row[0] == "train" and person_of(row[1]) in chosen else row[0], row[1]) for row in rows]
    with override("en"):
        description = (
            f"{protocol.description} Validation: {count} persons drawn from train of version {protocol.version} with "
            f"seed {seed}."
        ).strip()
    return protocol_create(
        dataset=protocol.dataset, name=protocol.name, kind=protocol.kind, unit=protocol.unit, rows=cut,
        origin=ProtocolOrigin.DERIVED, title=protocol.title, description=description, source=protocol.source,
        official=protocol.official, owner=owner, holdings=holdings,
    )  # fmt: skip


def _check_validation(count: int, train: int) -> None:
    if not 0 < count < train:
        text = _(
            "%(count)d of %(all)d training persons cannot become the validation part; some must stay on each side."
        )
        raise InputError(text % {"count": count, "all": train})


def _person_finder(protocol: Protocol, holdings: Holdings) -> Any:
    """Name of an entry -> whose it is; an entry that is not here counts as a person of its own."""
    if protocol.unit == ProtocolUnit.SUBJECT:
        return plain_name
    if protocol.unit == ProtocolUnit.PAIR:
        subjects = dict(Pair.objects.filter(dataset=protocol.dataset).values_list("pk", "subject__name"))
        return lambda name: subjects.get(holdings.pair(name) or 0, plain_name(name))

    def person(name: str) -> str:
        number = holdings.image(name)
        return holdings.persons[number] if number is not None else plain_name(name)

    return person


def split_draw(
    *,
    dataset: Dataset,
    name: str,
    train: int | float,
    seed: int,
    validation: int | float | None = None,
    owner: Any = None,
) -> tuple[Protocol, bool]:
    """A split by person drawn at random: `train` persons (or a part of them) train, the others are tested on.

    The same seed and persons give the same split on every machine.
    """
    persons = sorted(dataset.subjects.values_list("name", flat=True))
    count = round(train * len(persons)) if isinstance(train, float) else train
    if not 0 < count < len(persons):
        text = _("%(count)d of %(all)d persons cannot be the training part; at least one must stay on each side.")
        raise InputError(text % {"count": count, "all": len(persons)})
    draw = random.Random(seed)
    chosen = draw.sample(persons, count)
    held: set[str] = set()
    if validation is not None:
        size = round(validation * count) if isinstance(validation, float) else validation
        _check_validation(size, count)
        held = set(chosen[:size])
    training = set(chosen) - held
    rows = [("validation" if p in held else "train" if p in training else "test", p) for p in persons]
    return protocol_create(
        dataset=dataset, name=name, kind=ProtocolKind.SPLIT, unit=ProtocolUnit.SUBJECT, rows=rows,
        origin=ProtocolOrigin.DRAWN, title=f"Drawn by person, seed {seed}",
        description=f"{count} of {len(persons)} persons drawn with seed {seed}; the others are the test.", owner=owner,
    )  # fmt: skip


def orphan_bodies_delete() -> int:
    """Remove entries that no protocol refers to any more (their dataset was removed)."""
    return ProtocolBody.objects.filter(protocols=None).delete()[0]
