"""What would become of the files of published results, said before anything is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _
from PIL import Image as Picture

from datasetviewer.models import Dataset, Image
from datasetviewer.selectors import images_select
from evaluation.models import SizeRule
from evaluation.services.published.names import Fate, Found, Known, matched_by_name
from workers.engine.errors import InputError
from workers.engine.features.pictures import FORMATS, MAX_PIXELS

Size = tuple[int, int]  # width, height

ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)  # the EXIF tag, and its values that swap width and height


@dataclass(frozen=True)
class SentFile:
    """A picture file that was sent: its path below what was sent, and where it lies."""

    name: str
    path: Path


@dataclass(frozen=True)
class Selection:
    """The pairs that results are looked for: real pictures of one modality."""

    dataset: Dataset
    split: str
    modality: str
    source: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, [self.dataset.slug, self.split, self.modality, self.source]))


@dataclass(frozen=True)
class Report:
    """Each file with its fate, in the order of their names; `missing` are the keys of the pairs without a file.

    `sizes` are the sizes of the real pictures by key, `cut` counts the files whose centre would be cut out.
    """

    selection: Selection
    size_rule: str
    files: tuple[Found, ...]
    missing: tuple[str, ...]
    sizes: dict[str, Size]
    cut: int = 0

    @property
    def matched(self) -> list[Found]:
        return [each for each in self.files if each.fate == Fate.MATCHED]

    @property
    def left_out(self) -> list[Found]:
        return [each for each in self.files if each.fate != Fate.MATCHED]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(each.fate.value for each in self.files)
        return {fate.value: counted.get(fate.value, 0) for fate in Fate}

    @property
    def n_pairs(self) -> int:
        return len(self.sizes)

    @property
    def complete(self) -> bool:
        return not self.missing


def report_of(files: Sequence[SentFile], selection: Selection, size_rule: str) -> Report:
    """Match the files with the pairs of the selection; only their heads are read. InputError for an unknown selection or
    rule, and for a selection without pairs."""
    if size_rule not in SizeRule.values:
        known = ", ".join(SizeRule.values)
        raise InputError(
            _("size: there is no rule %(rule)s. Known: %(known)s.") % {"rule": repr(size_rule)[:40], "known": known}
        )
    pairs, sizes = pairs_of(selection)
    by_name = {file.name: file.path for file in files}
    found = matched_by_name(sorted(by_name), pairs)
    judged, cut = [], 0
    for each in found:
        if each.fate == Fate.MATCHED:
            each, is_cut = _sized(each, by_name[each.file], sizes[each.key], size_rule)
            cut += is_cut
        judged.append(each)
    taken = {each.key for each in judged if each.fate == Fate.MATCHED}
    missing = tuple(pair.key for pair in pairs if pair.key not in taken)
    return Report(selection, size_rule, tuple(judged), missing, sizes, cut)


def pairs_of(selection: Selection) -> tuple[list[Known], dict[str, Size]]:
    """The pairs as files may name them, and the size of each one's real picture. InputError when there are none."""
    real = images_select(
        dataset=selection.dataset, split=selection.split, modality=selection.modality, source=selection.source
    )
    sizes: dict[str, Size] = {}
    names: dict[str, set[str]] = {}
    sources: dict[str, str] = {}
    pair_keys: dict[int, str] = {}
    for image in real.select_related("pair").order_by("key"):
        key = image.pair.key if image.pair else image.key
        if key not in sizes:  # of several drawings of one photo the first is the one to be compared with
            sizes[key], sources[key] = (image.width, image.height), image.source
        names.setdefault(key, set()).add(PurePosixPath(image.key).stem)
        if image.pair_id:
            pair_keys[image.pair_id] = key
    if not sizes:
        raise InputError(_("%(selection)s holds no pictures to match results with.") % {"selection": selection})
    partners = Image.objects.filter(dataset=selection.dataset, pair__in=list(pair_keys)).order_by()
    for pair_id, image_key in partners.values_list("pair_id", "key"):
        names[pair_keys[pair_id]].add(PurePosixPath(image_key).stem)
    return [Known(key, tuple(sorted(names[key])), sources[key]) for key in sizes], sizes


def _sized(each: Found, path: Path, real: Size, size_rule: str) -> tuple[Found, bool]:
    """The file judged by its size, and whether its centre would be cut out."""
    try:
        width, height = size_of(path)
    except InputError as error:
        return replace(each, fate=Fate.UNREADABLE, key="", reason=str(error)), False
    if (width, height) == real:
        return each, False
    if size_rule == SizeRule.CENTRE and width >= real[0] and height >= real[1]:
        return each, True
    words = {"size": f"{width}x{height}", "real": f"{real[0]}x{real[1]}"}
    if width >= real[0] and height >= real[1]:
        text = _(
            "It is %(size)s pixels large and the real picture %(real)s. If it was padded, choose to cut the centre out."
        )
    else:
        text = _(
            "It is %(size)s pixels large and the real picture %(real)s. Nothing is stretched here: ask for pictures of that size."
        )
    return replace(each, fate=Fate.WRONG_SIZE, key="", reason=text % words), False


def size_of(path: Path) -> Size:
    """Width and height as the picture is seen (EXIF orientation applied). InputError when it is no picture."""
    try:
        with Picture.open(path, formats=FORMATS) as image:
            width, height = image.size
            turned = image.getexif().get(ORIENTATION) in SIDEWAYS
    except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
        raise InputError(_("It cannot be read as a picture.")) from error
    if width * height > MAX_PIXELS:
        raise InputError(_("It has %(width)sx%(height)s pixels, too many.") % {"width": width, "height": height})
    return (height, width) if turned else (width, height)
