"""Which pictures: the specification of a set, read from JSON or from the command line, and the pictures behind it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Image, ImageSet, Modality, Split
from datasetviewer.selectors import dataset_counts, dataset_visible_to, image_path, image_set_images, images_select
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest

ALL = "all"
NAMED = "set:"
SPLITS = (*(name for name in Split.values if name), ALL)
MODALITIES = tuple(Modality.values)
EXAMPLE = '{"dataset": "cufs", "split": "test", "modality": "sketch"}'


@dataclass(frozen=True)
class DatasetSet:
    """Pictures of a dataset: `source` is one of the original databases inside it, "" for all."""

    dataset: str
    split: str
    modality: str
    source: str = ""

    def __str__(self) -> str:
        return ":".join([self.dataset, self.split, self.modality, *filter(None, [self.source])])


@dataclass(frozen=True)
class NamedSet:
    """Pictures that somebody picked and kept under a name (an image set of the dataset viewer)."""

    image_set: str

    def __str__(self) -> str:
        return f"{NAMED}{self.image_set}"


@dataclass(frozen=True)
class FolderSet:
    """All pictures below a folder of this machine; for the command line only."""

    folder: str

    def __str__(self) -> str:
        return self.folder


SetSpec = DatasetSet | NamedSet | FolderSet


@dataclass(frozen=True)
class Contents:
    """The pictures of a set, in one order: file paths, names to show, SHA-256 sums. `dataset` is None for a folder."""

    spec: SetSpec
    dataset: Dataset | None
    paths: tuple[Path, ...]
    names: tuple[str, ...]
    digest: str


def to_json(spec: SetSpec) -> dict[str, str]:
    return {key: value for key, value in asdict(spec).items() if value}


def from_json(value: dict[str, str]) -> SetSpec:
    """What `to_json` gave; for rows that were checked when they were written."""
    if "image_set" in value:
        return NamedSet(**value)
    return FolderSet(**value) if "folder" in value else DatasetSet(**value)


def parse(value: Any, which: str) -> DatasetSet | NamedSet:
    """A specification from outside. `which` ("reference", "candidate") begins the message of the InputError."""
    if isinstance(value, DatasetSet | NamedSet):
        return value
    if not isinstance(value, dict):
        raise InputError(_("%(which)s: a set is an object such as %(example)s.") % {"which": which, "example": EXAMPLE})
    if set(value) == {"image_set"} and isinstance(value["image_set"], str):
        return NamedSet(value["image_set"])
    known = ("dataset", "split", "modality", "source")
    for key in value:
        if key not in known:
            _refuse(which, _("entry"), key, known)
    fields = {"split": ALL, "source": "", **{key: entry for key, entry in value.items() if entry is not None}}
    for key in known:
        if not isinstance(fields.get(key), str) or (key != "source" and not fields[key]):
            text = _("%(which)s: %(key)s is missing or not a text. A set is an object such as %(example)s.")
            raise InputError(text % {"which": which, "key": key, "example": EXAMPLE})
    if fields["split"] not in SPLITS:
        _refuse(which, _("split"), fields["split"], SPLITS)
    if fields["modality"] not in MODALITIES:
        _refuse(which, _("modality"), fields["modality"], MODALITIES)
    source = "" if fields["source"] == ALL else fields["source"]
    return DatasetSet(fields["dataset"], fields["split"], fields["modality"], source)


def parse_text(text: str, which: str) -> SetSpec:
    """A specification from the command line: a folder, dataset:split:modality[:source], or set:name of an image set."""
    folder = Path(text).expanduser()
    if text and folder.is_dir():
        return FolderSet(str(folder.resolve()))
    if text.startswith(NAMED) and text.count(":") == 1 and text != NAMED:
        return NamedSet(text.removeprefix(NAMED))
    parts = text.split(":")
    if len(parts) not in (3, 4) or not all(parts):
        words = _("%(which)s: %(text)s is neither a folder nor dataset:split:modality[:source], e.g. cufs:test:sketch.")
        raise InputError(words % {"which": which, "text": repr(text)})
    return parse(dict(zip(("dataset", "split", "modality", "source"), parts, strict=False)), which)


def images_of(spec: DatasetSet, which: str, datasets: QuerySet[Dataset]) -> tuple[Dataset, QuerySet[Image]]:
    """The dataset and its images in the set, out of the datasets that may be used. InputError for unknown names."""
    dataset = datasets.filter(slug=spec.dataset).first()
    if dataset is None:
        _refuse(which, _("dataset"), spec.dataset, tuple(datasets.values_list("slug", flat=True)))
        raise AssertionError  # _refuse always raises
    try:
        return dataset, images_select(dataset=dataset, split=spec.split, modality=spec.modality, source=spec.source)
    except InputError as error:
        raise InputError(f"{which}: {error}") from error


def contents(spec: SetSpec, which: str, *, user: Any = None, everything: bool = False) -> Contents:
    """The pictures of a set. Datasets that `user` may not see do not exist, unless `everything` (command line, worker).

    Raises InputError for unknown names and for sets of fewer than 2 pictures.
    """
    if isinstance(spec, FolderSet):
        return _folder_contents(spec, which)
    datasets = Dataset.objects.all() if everything else dataset_visible_to(user)
    if isinstance(spec, NamedSet):
        dataset, found = _named_images(spec, which, datasets)
    else:
        dataset, found = images_of(spec, which, datasets)
    images = list(found.select_related("dataset"))
    if len(images) < 2:
        raise InputError(too_few(spec, which, dataset, len(images)))
    return Contents(
        spec,
        dataset,
        tuple(image_path(image) for image in images),
        tuple(image.key for image in images),
        set_digest(image.sha256 for image in images),
    )


def _named_images(spec: NamedSet, which: str, datasets: QuerySet[Dataset]) -> tuple[Dataset, QuerySet[Image]]:
    """The set's dataset and its pictures. InputError for an unknown name, and when pictures of it are gone."""
    sets = ImageSet.objects.filter(dataset__in=datasets, deleted=None).select_related("dataset")
    image_set = sets.filter(slug=spec.image_set).first()
    if image_set is None:
        _refuse(which, _("image set"), spec.image_set, tuple(sets.values_list("slug", flat=True)[:20]))
        raise AssertionError  # _refuse always raises
    images = image_set_images(image_set)
    if (n := images.count()) != image_set.size:
        text = _("%(which)s: %(gone)s of the %(n)s pictures of %(set)s are gone from the dataset. Make the set anew.")
        raise InputError(text % {"which": which, "gone": image_set.size - n, "n": image_set.size, "set": spec})
    return image_set.dataset, images


def too_few(spec: DatasetSet | NamedSet, which: str, dataset: Dataset, n: int) -> str:
    """Why a set cannot be used, and what its dataset holds instead."""
    counts = dataset_counts(dataset)
    splits = {name or _("none"): count for name, count in counts.by_split.items()}
    held = ", ".join(f"{name} {count}" for name, count in [*counts.by_modality.items(), *splits.items()])
    text = _("%(which)s: the set %(set)s holds %(n)s pictures; at least 2 are needed. The dataset holds: %(held)s.")
    return text % {"which": which, "set": spec, "n": n, "held": held or _("nothing")}


def _folder_contents(spec: FolderSet, which: str) -> Contents:
    from workers.engine.features.pictures import pictures_below
    from workers.engine.weights import sha256_of

    folder = Path(spec.folder)
    paths = pictures_below(folder)
    if len(paths) < 2:
        raise InputError(_("%(which)s: %(folder)s holds 1 picture; 2 are needed.") % {"which": which, "folder": folder})
    names = tuple(str(path.relative_to(folder)) for path in paths)
    try:
        digests = [sha256_of(path) for path in paths]
    except OSError as error:
        raise InputError(f"{which}: {error.filename}: {error.strerror}") from error
    return Contents(spec, None, tuple(paths), names, set_digest(digests))


def _refuse(which: str, what: str, value: str, known: tuple[str, ...]) -> None:
    text = _("%(which)s: there is no %(what)s %(value)s. Known: %(known)s.")
    names = ", ".join(known) or _("none")
    raise InputError(text % {"which": which, "what": what, "value": repr(value)[:80], "known": names})
