"""The form of a row in the tables of extractors, free of torch."""

from dataclasses import dataclass

READ = "grey replicated, transparency over white, EXIF orientation applied"


@dataclass(frozen=True)
class Preprocessing:
    """What happens to a picture before the network sees it, in words that enter the protocol fingerprint.

    `input_size` is (width, height) in pixels. Change a word only together with the computation it describes.
    """

    resize: str
    input_size: tuple[int, int]
    crop: str
    colour: str
    dtype: str = "float32"


@dataclass(frozen=True)
class Extractor:
    """A network that turns one picture into `dimension` numbers.

    `weights`: for each network it needs, the file stems that can serve, the preferred one first. `of_checkpoint`: the
    network is that of a checkpoint, which the name must give after an @; `dimension` and input size are then those of
    the published presets, and a small preset's are smaller. `distance`: how two of its vectors are compared when persons
    are recognised by them, "euclidean" or "cosine".
    """

    name: str
    title: str
    dimension: int
    module: str
    preprocessing: Preprocessing
    note: str
    weights: tuple[tuple[str, ...], ...]
    needs_face: bool = False
    of_checkpoint: bool = False
    distance: str = "euclidean"


# What stands in the place of an extractor when no metric looks through one.
NO_EXTRACTOR = "none"
PICTURES_THEMSELVES = Extractor(
    name=NO_EXTRACTOR, title="", dimension=0, module="", note="", weights=(),
    preprocessing=Preprocessing(resize="none", input_size=(0, 0), crop="none", colour="", dtype=""),
)  # fmt: skip
