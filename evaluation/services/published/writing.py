"""Writing published results: taking them in, letting them go.

DATA_DIR/published/<id>/<sha256>.<ending>   the pictures, whole before there is a row
DATA_DIR/published/.<id>.part/              some that are coming in
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from PIL import Image as Picture

from datasetviewer.storage import FORMATS
from evaluation.models import Evaluation, PublishedResults, SizeRule, published_folder
from evaluation.services.published.names import Fate, Found
from evaluation.services.published.report import Report, Selection, SentFile, Size, report_of
from workers.engine.errors import InputError
from workers.engine.features.pictures import read_picture
from workers.engine.protocol import set_digest
from workers.models import LIVE_STATES

LENGTHS = {"name": 100, "citation": 4000, "url": 500, "licence": 300}
SAID = {"url": "source_url"}  # what a field is called where it is asked for
ABANDONED_SECONDS = 3600  # a folder without a row that is older than this belongs to nobody


class PublishedInUse(InputError):
    """The results cannot go now."""


@dataclass(frozen=True)
class Provenance:
    """Where results come from, in the words of who brings them in."""

    name: str
    citation: str = ""
    url: str = ""
    licence: str = ""


def published_create(
    *,
    owner: Any,
    files: Sequence[SentFile],
    selection: Selection,
    provenance: Provenance,
    size_rule: str = SizeRule.EXACT,
) -> tuple[PublishedResults, bool]:
    """Keep the files that match a pair; returns the results and whether they are new.

    The same pictures for the same pairs under the same name are the results that are there. InputError when fewer than two
    match, and for a provenance that is none; then nothing is kept.
    """
    said = provenance_checked(provenance)
    report = report_of(files, selection, size_rule)
    if len(report.matched) < 2:
        raise InputError(too_few_text(report))
    number = uuid.uuid4()
    incoming = published_folder() / f".{number}.part"
    lasting = published_folder() / str(number)
    try:
        incoming.mkdir(parents=True)
        report, pictures, size = _taken(report, {file.name: file.path for file in files}, incoming)
        if len(pictures) < 2:
            raise InputError(too_few_text(report))
        fingerprint = _fingerprint(selection, said.name, pictures)
        existing = PublishedResults.objects.filter(fingerprint=fingerprint).select_related("dataset").first()
        if existing is not None:
            return existing, False
        incoming.rename(lasting)
        try:
            with transaction.atomic():
                return _write(number, owner, said, report, pictures, size, fingerprint), True
        except IntegrityError:  # somebody brought the same in between the look and the insert
            shutil.rmtree(lasting, ignore_errors=True)
            return PublishedResults.objects.select_related("dataset").get(fingerprint=fingerprint), False
        except BaseException:
            shutil.rmtree(lasting, ignore_errors=True)
            raise
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def provenance_checked(given: Provenance) -> Provenance:
    """The texts without stray characters. InputError for a missing name, a text that is too long, an odd address."""
    plain: dict[str, str] = {}
    for field, value in asdict(given).items():
        if not isinstance(value, str):
            raise InputError(_("%(field)s: give a text.") % {"field": SAID.get(field, field)})
        kept = "\n" if field == "citation" else ""
        plain[field] = "".join(c for c in value if c in kept or unicodedata.category(c)[0] != "C").strip()
        if len(plain[field]) > LENGTHS[field]:
            raise InputError(
                _("%(field)s: at most %(n)s characters.") % {"field": SAID.get(field, field), "n": LENGTHS[field]}
            )
    if not plain["name"]:
        raise InputError(_("name: say which method these pictures are of."))
    if plain["url"]:
        try:
            URLValidator(schemes=["http", "https"])(plain["url"])
        except ValidationError as error:
            raise InputError(_("source_url: give an address that begins with https:// or http://.")) from error
    return Provenance(**plain)


def too_few_text(report: Report) -> str:
    reasons = " ".join(f"{each.file}: {each.reason}" for each in report.left_out[:3])
    text = _(
        "Of %(files)s files %(n)s match one of the %(pairs)s pairs of %(selection)s; at least 2 are needed. %(reasons)s"
    )
    values = {"files": len(report.files), "n": len(report.matched), "pairs": report.n_pairs}
    return (text % {**values, "selection": report.selection, "reasons": reasons}).strip()


def _taken(report: Report, paths: dict[str, Path], into: Path) -> tuple[Report, list[list[str]], int]:
    """Store the matched pictures; those that turn out to be damaged are added to what is left out."""
    pictures: list[list[str]] = []
    judged: list[Found] = []
    size = 0
    for each in report.files:
        if each.fate == Fate.MATCHED:
            try:
                content, kind = content_of(paths[each.file], each.file, report.sizes[each.key])
            except InputError as error:
                judged.append(Found(each.file, Fate.UNREADABLE, reason=str(error)))
                continue
            sha256 = hashlib.sha256(content).hexdigest()
            (into / f"{sha256}.{FORMATS[kind][0]}").write_bytes(content)
            pictures.append([each.key, each.file, sha256, kind])
            size += len(content)
        judged.append(each)
    taken = {key for key, *_rest in pictures}
    missing = tuple(key for key in report.sizes if key not in taken)
    told = Report(report.selection, report.size_rule, tuple(judged), missing, report.sizes, report.cut)
    return told, sorted(pictures), size


def content_of(path: Path, name: str, real: Size) -> tuple[bytes, str]:
    """The bytes to keep and their format: the file as it is, or its centre as PNG when it is larger than the real picture.

    InputError when it cannot be decoded.
    """
    pixels = read_picture(path, name)
    height, width = pixels.shape[:2]
    content = path.read_bytes()
    with Picture.open(io.BytesIO(content)) as image:
        kind = "JPEG" if image.format == "MPO" else str(image.format)
    if (width, height) == real and kind in FORMATS:
        return content, kind
    left, top = (width - real[0]) // 2, (height - real[1]) // 2
    stream = io.BytesIO()
    Picture.fromarray(pixels[top : top + real[1], left : left + real[0]]).save(stream, format="PNG")
    return stream.getvalue(), "PNG"


def _write(
    number: uuid.UUID,
    owner: Any,
    said: Provenance,
    report: Report,
    pictures: list[list[str]],
    size: int,
    fingerprint: str,
) -> PublishedResults:
    selection = report.selection
    return PublishedResults.objects.create(
        id=number,
        **asdict(said),
        dataset=selection.dataset,
        split=selection.split,
        source=selection.source,
        modality=selection.modality,
        size_rule=report.size_rule,
        n=len(pictures),
        n_pairs=report.n_pairs,
        bytes=size,
        digest=set_digest(sha256 for _key, _name, sha256, _kind in pictures),
        fingerprint=fingerprint,
        pictures=pictures,
        report=[asdict(each) for each in report.left_out],
        missing=list(report.missing),
        owner=owner if owner is not None and owner.is_authenticated else None,
    )


def _fingerprint(selection: Selection, name: str, pictures: list[list[str]]) -> str:
    depends = [selection.dataset.pk, selection.split, selection.modality, selection.source, name, pictures]
    return hashlib.sha256(json.dumps(depends).encode()).hexdigest()


def published_delete(*, published: PublishedResults) -> None:
    """Remove the results and their pictures; numbers measured on them stay. PublishedInUse while an evaluation needs them."""
    number = str(published.id)
    live = Evaluation.objects.filter(job__state__in=LIVE_STATES)
    if live.filter(Q(reference__published=number) | Q(candidate__published=number)).exists():
        raise PublishedInUse(
            _("An evaluation that is queued or running needs these pictures; cancel it first, or wait.")
        )
    PublishedResults.objects.filter(pk=published.pk).delete()
    shutil.rmtree(published.folder, ignore_errors=True)


def published_clear() -> int:
    """A chore of the sweeper: remove folders that no row owns (their dataset was deleted, or their process killed)."""
    if not published_folder().is_dir():
        return 0
    limit = time.time() - ABANDONED_SECONDS
    folders = [folder for folder in published_folder().iterdir() if folder.is_dir() and folder.stat().st_mtime < limit]
    known = set(map(str, PublishedResults.objects.values_list("pk", flat=True)))
    abandoned = [folder for folder in folders if folder.name not in known]
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)
    return len(abandoned)
