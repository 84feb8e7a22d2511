"""What can be named as a set of pictures, and the two ways of writing each down: JSON and one line of text."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from datasetviewer.models import Modality, Split

ALL = "all"
HELD_OUT = "held_out"  # in place of a split: the pairs that a run kept from its training
NAMED, UPLOADED, MADE, KEPT = "set:", "upload:", "checkpoint:", "held_out:"
STYLIZED, PUBLISHED = "stylizer:", "published:"
SPLITS = (*(name for name in Split.values if name), ALL)
MODALITIES = tuple(Modality.values)


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
    """All pictures below a folder of this machine. Who is not on the command line may name those below FOLDER_ROOTS."""

    folder: str

    def __str__(self) -> str:
        return self.folder


@dataclass(frozen=True)
class CheckpointSet:
    """What a checkpoint makes of the pictures of a selection that are of the modality it was trained to start from."""

    checkpoint: str
    dataset: str
    split: str
    source: str = ""

    def __str__(self) -> str:
        selection = ":".join([self.dataset, self.split, *filter(None, [self.source])])
        return f"{MADE}{self.checkpoint}@{selection}"


@dataclass(frozen=True)
class UploadSpec:
    """Pictures that somebody sent in; `name` is what people call them and decides nothing."""

    upload: str
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{UPLOADED}{self.upload}"


@dataclass(frozen=True)
class HeldOutSet:
    """Pictures of one modality among the pairs that a run (by its number) kept from its training."""

    held_out: str
    modality: str

    def __str__(self) -> str:
        return f"{KEPT}{self.held_out}:{self.modality}"


@dataclass(frozen=True)
class StylizerSet:
    """What a built-in stylizer makes of the pictures of a selection that are of the modality it starts from."""

    stylizer: str
    dataset: str
    split: str
    source: str = ""

    def __str__(self) -> str:
        selection = ":".join([self.dataset, self.split, *filter(None, [self.source])])
        return f"{STYLIZED}{self.stylizer}@{selection}"


@dataclass(frozen=True)
class PublishedSet:
    """Pictures that the authors of a method published; `name` is what people call them and decides nothing."""

    published: str
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{PUBLISHED}{self.published}"


SetSpec = DatasetSet | NamedSet | FolderSet | CheckpointSet | UploadSpec | HeldOutSet | StylizerSet | PublishedSet


def to_json(spec: SetSpec) -> dict[str, str]:
    return {key: value for key, value in asdict(spec).items() if value}


def from_json(value: dict[str, str]) -> SetSpec:
    """What `to_json` gave; for rows that were checked when they were written."""
    kinds = {
        "image_set": NamedSet,
        "folder": FolderSet,
        "checkpoint": CheckpointSet,
        "upload": UploadSpec,
        "held_out": HeldOutSet,
        "stylizer": StylizerSet,
        "published": PublishedSet,
    }
    kind = next((kinds[key] for key in kinds if key in value), DatasetSet)
    return kind(**value)


def label(spec: SetSpec) -> str:
    """What people read: the text form, but the name of an uploaded or published set in place of its number."""
    if isinstance(spec, PublishedSet) and spec.name:
        return f"{PUBLISHED}{spec.name}"
    return f"{UPLOADED}{spec.name}" if isinstance(spec, UploadSpec) and spec.name else str(spec)
