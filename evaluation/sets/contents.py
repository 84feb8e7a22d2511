"""The pictures behind a specification: counted for a form, listed for measuring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Image, ImageSet
from datasetviewer.selectors import dataset_counts, dataset_visible_to, image_path, image_set_images, images_select
from evaluation.models.published import PublishedResults
from evaluation.models.trainings import Checkpoint
from evaluation.models.uploads import UploadedSet
from evaluation.sets import checkpoints, folders, held_out, stylizers
from evaluation.sets.parsing import refuse
from evaluation.sets.specs import (
    HELD_OUT,
    CheckpointSet,
    DatasetSet,
    FolderSet,
    HeldOutSet,
    NamedSet,
    PublishedSet,
    SetSpec,
    StylizerSet,
    UploadSpec,
    label,
)
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest
from workers.engine.weights import sha256_of

NAMED_AT_MOST = 20  # in a message


@dataclass(frozen=True)
class Outline:
    """What can be said of a set before its pictures are read: where they come from and how many there are.

    `dataset` is None for folders and uploads; `checkpoint` is the one that makes the pictures.
    """

    spec: SetSpec
    dataset: Dataset | None
    checkpoint: Checkpoint | None
    n: int

    @property
    def drawn(self) -> bool:
        """Whether the pictures have to be made first."""
        return self.checkpoint is not None or isinstance(self.spec, StylizerSet)


@dataclass(frozen=True)
class Contents:
    """The pictures of a set, in one order: file paths, names to show, the keys by which they are matched with others.

    `digest` stands for all of them. `pair_keys`: the pair's key in a dataset, the stem of the file's name elsewhere.
    `sources` are the pictures that a checkpoint or stylizer makes those of `paths` from, one for one; empty for other sets.
    So are `image_ids`, the pictures of the dataset that these are or are made from.
    """

    spec: SetSpec
    dataset: Dataset | None
    paths: tuple[Path, ...]
    names: tuple[str, ...]
    digest: str
    pair_keys: tuple[str, ...] = ()
    checkpoint: Checkpoint | None = None
    sources: tuple[Path, ...] = ()
    image_ids: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        return len(self.paths)

    @property
    def public(self) -> bool:
        """Whether visitors may know of it."""
        shown = self.checkpoint is None or checkpoints.is_public(self.checkpoint)
        return shown and self.dataset is not None and self.dataset.public


def outline(spec: SetSpec, which: str, *, user: Any = None, everything: bool = False) -> Outline:
    """The set with its number of pictures, which may be too small. InputError for unknown names."""
    if isinstance(spec, FolderSet):
        spec, paths = _folder(spec, which, user, everything)
        return Outline(spec, None, None, len(paths))
    if isinstance(spec, UploadSpec):
        uploaded = _uploaded(spec, which, user, everything)
        return Outline(UploadSpec(str(uploaded.id), uploaded.name), None, None, uploaded.n)
    if isinstance(spec, PublishedSet):
        published = _published(spec, which, user, everything)
        return Outline(PublishedSet(str(published.id), published.name), published.dataset, None, published.n)
    dataset, checkpoint, images = _images(spec, which, user, everything)
    return Outline(spec, dataset, checkpoint, images.count())


def contents(spec: SetSpec, which: str, *, user: Any = None, everything: bool = False) -> Contents:
    """The pictures of a set. What `user` may not see does not exist, unless `everything` (command line, worker).

    Raises InputError for unknown names and for sets of fewer than 2 pictures.
    """
    if isinstance(spec, FolderSet):
        return _folder_contents(*_folder(spec, which, user, everything), which)
    if isinstance(spec, UploadSpec):
        return _uploaded_contents(_uploaded(spec, which, user, everything))
    if isinstance(spec, PublishedSet):
        return _published_contents(_published(spec, which, user, everything))
    dataset, checkpoint, found = _images(spec, which, user, everything)
    images = list(found.select_related("dataset", "pair"))
    if len(images) < 2:
        raise InputError(too_few(spec, which, dataset, len(images)))
    paths = tuple(image_path(image) for image in images)
    drawn = checkpoint is not None or isinstance(spec, StylizerSet)
    names = tuple(name_of(image, drawn=drawn) for image in images)
    keys = tuple(image.pair.key if image.pair else image.key for image in images)
    ids = tuple(image.pk for image in images)
    digest = set_digest(image.sha256 for image in images)
    if isinstance(spec, StylizerSet):
        folder, made_digest = stylizers.generated_folder(spec), stylizers.generated_digest(spec, digest)
    elif checkpoint is not None:
        folder, made_digest = checkpoints.generated_folder(checkpoint), checkpoints.generated_digest(checkpoint, digest)
    else:
        return Contents(spec, dataset, paths, names, digest, keys, image_ids=ids)
    made = tuple(folder / f"{image.sha256}.png" for image in images)
    return Contents(spec, dataset, made, names, made_digest, keys, checkpoint, paths, ids)


def name_of(image: Image, *, drawn: bool = False) -> str:
    """The picture's key with the ending of the file that is measured: aligned and drawn ones are PNG, whatever their
    origin was, and cautions go by the ending."""
    key = PurePosixPath(image.key)
    return str(key.with_suffix(".png")) if drawn or image.format == "PNG" else image.key


def made_by(other: Checkpoint, each: Contents) -> Contents:
    """What another checkpoint of the same run makes of the pictures that a checkpoint set holds; reads nothing."""
    assert isinstance(each.spec, CheckpointSet)
    stems = [path.stem for path in each.paths]  # the digests of the pictures they are made from
    folder = checkpoints.generated_folder(other)
    return replace(
        each,
        spec=replace(each.spec, checkpoint=other.pk),
        paths=tuple(folder / f"{stem}.png" for stem in stems),
        digest=checkpoints.generated_digest(other, set_digest(stems)),
        checkpoint=other,
    )


def images_of(spec: DatasetSet, which: str, datasets: QuerySet[Dataset]) -> tuple[Dataset, QuerySet[Image]]:
    """The dataset and its images in the set, out of the datasets that may be used. InputError for unknown names."""
    dataset = datasets.filter(slug=spec.dataset).first()
    if dataset is None:
        refuse(which, _("dataset"), spec.dataset, tuple(datasets.values_list("slug", flat=True)))
    try:
        return dataset, images_select(dataset=dataset, split=spec.split, modality=spec.modality, source=spec.source)
    except InputError as error:
        raise InputError(f"{which}: {error}") from error


def _images(
    spec: DatasetSet | NamedSet | CheckpointSet | HeldOutSet | StylizerSet, which: str, user: Any, everything: bool
) -> tuple[Dataset, Checkpoint | None, QuerySet[Image]]:
    datasets = Dataset.objects.all() if everything else dataset_visible_to(user)
    if isinstance(spec, NamedSet):
        dataset, images = _named_images(spec, which, datasets)
        return dataset, None, images
    if isinstance(spec, HeldOutSet):
        dataset, images = held_out.held_out_of(spec, which, datasets)
        return dataset, None, images
    checkpoint = None
    if isinstance(spec, StylizerSet):
        spec = stylizers.selection_of(spec, which)
    if isinstance(spec, CheckpointSet):
        checkpoint = checkpoints.checkpoint_of(spec, which, user, everything=everything)
        if spec.split == HELD_OUT:
            sources = held_out.sources_held_out(spec, checkpoint, which)
            dataset, images = held_out.held_out_of(sources, which, datasets)
            return dataset, checkpoint, images
        spec = checkpoints.selection_of(spec, checkpoint)
    dataset, images = images_of(spec, which, datasets)
    return dataset, checkpoint, images


def _named_images(spec: NamedSet, which: str, datasets: QuerySet[Dataset]) -> tuple[Dataset, QuerySet[Image]]:
    """The set's dataset and its pictures. InputError for an unknown name, and when pictures of it are gone."""
    sets = ImageSet.objects.filter(dataset__in=datasets, deleted=None).select_related("dataset")
    image_set = sets.filter(slug=spec.image_set).first()
    if image_set is None:
        refuse(which, _("image set"), spec.image_set, tuple(sets.values_list("slug", flat=True)[:NAMED_AT_MOST]))
    images = image_set_images(image_set)
    if (n := images.count()) != image_set.size:
        text = _("%(which)s: %(gone)s of the %(n)s pictures of %(set)s are gone from the dataset. Make the set anew.")
        raise InputError(text % {"which": which, "gone": image_set.size - n, "n": image_set.size, "set": spec})
    return image_set.dataset, images


def too_few(spec: SetSpec, which: str, dataset: Dataset | None, n: int) -> str:
    """Why a set cannot be used, and what its dataset holds instead."""
    held = ""
    if dataset is not None:
        counts = dataset_counts(dataset)
        splits = {name or _("none"): count for name, count in counts.by_split.items()}
        held = ", ".join(f"{name} {count}" for name, count in [*counts.by_modality.items(), *splits.items()])
    text = _("%(which)s: the set %(set)s holds %(n)s pictures; at least 2 are needed. The dataset holds: %(held)s.")
    return text % {"which": which, "set": label(spec), "n": n, "held": held or _("nothing")}


def _folder(spec: FolderSet, which: str, user: Any, everything: bool) -> tuple[FolderSet, list[Path]]:
    if everything:
        return spec, folders.folder_pictures(Path(spec.folder), which, confined=False)
    if user is None or not user.is_authenticated:
        raise InputError(_("%(which)s: sign in to measure a folder of the server.") % {"which": which})
    folder = folders.folder_allowed(spec.folder, which)
    return FolderSet(str(folder)), folders.folder_pictures(folder, which, confined=True)


def _folder_contents(spec: FolderSet, paths: list[Path], which: str) -> Contents:
    folder = Path(spec.folder)
    names = tuple(str(path.relative_to(folder)) for path in paths)
    try:
        digests = [sha256_of(path) for path in paths]
    except OSError as error:
        raise InputError(f"{which}: {error.filename}: {error.strerror}") from error
    return Contents(spec, None, tuple(paths), names, set_digest(digests), tuple(path.stem for path in paths))


def _uploaded(spec: UploadSpec, which: str, user: Any, everything: bool) -> UploadedSet:
    known = UploadedSet.objects.all()
    if not everything:
        known = known.filter(owner=user) if user is not None and user.is_authenticated else known.none()
    uploaded = known.filter(pk=spec.upload).first()
    if uploaded is None:
        text = _("%(which)s: there is no uploaded set %(id)s of yours; it may have expired. Send the pictures again.")
        raise InputError(text % {"which": which, "id": spec.upload})
    return uploaded


def _uploaded_contents(uploaded: UploadedSet) -> Contents:
    keys = tuple(key for key, _sha256, _kind in uploaded.pictures)
    return Contents(
        UploadSpec(str(uploaded.id), uploaded.name),
        None,
        tuple(uploaded.path_of(sha256, kind).absolute() for _key, sha256, kind in uploaded.pictures),
        keys,
        uploaded.digest,
        tuple(PurePosixPath(key).stem for key in keys),
    )


def _published(spec: PublishedSet, which: str, user: Any, everything: bool) -> PublishedResults:
    known = PublishedResults.objects.select_related("dataset")
    if not everything:
        known = known.filter(dataset__in=dataset_visible_to(user))
    found = known.filter(pk=spec.published).first()
    if found is None:
        text = _("%(which)s: there are no published results %(id)s; they may have been deleted. Import them again.")
        raise InputError(text % {"which": which, "id": spec.published})
    return found


def _published_contents(published: PublishedResults) -> Contents:
    """Matched with the pairs of their dataset when they were taken in, so they have these keys."""
    rows = published.pictures
    return Contents(
        PublishedSet(str(published.id), published.name),
        published.dataset,
        tuple(published.path_of(sha256, kind).absolute() for _key, _name, sha256, kind in rows),
        tuple(name for _key, name, _sha256, _kind in rows),
        published.digest,
        tuple(key for key, _name, _sha256, _kind in rows),
    )
