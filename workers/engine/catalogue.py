"""What can be computed, as tables: extractors, metrics, weights, stylizers.

Web and worker read the same rows, so a name is valid in both or in neither. Importing this file loads neither torch nor
dlib; `module` is a dotted path "package.module.Name" that the worker resolves when it first needs it.
Titles and notes pass through `gettext_noop` so that the pages can translate them; here they stay plain English.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from workers.engine.errors import InputError
from workers.engine.metrics.table import CAUTIONS, METRICS, Metric, gettext_noop

__all__ = [
    "CAUTIONS",
    "EXTRACTORS",
    "METRICS",
    "STYLIZERS",
    "WEIGHTS",
    "Extractor",
    "Metric",
    "Preprocessing",
    "Stylizer",
    "Weights",
]

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Preprocessing:
    """What happens to a picture before the network sees it, in words that enter the protocol fingerprint.

    `input_size` is (width, height) in pixels. Change a word only together with the computation it describes.
    """

    resize: str
    input_size: tuple[int, int]
    crop: str
    colour: str
    dtype: str


@dataclass(frozen=True)
class Extractor:
    """A network that turns one picture into `dimension` numbers.

    `weights`: for each network it needs, the file stems that can serve, the preferred one first.
    """

    name: str
    title: str
    dimension: int
    module: str
    preprocessing: Preprocessing
    note: str
    weights: tuple[tuple[str, ...], ...]
    needs_face: bool = False


@dataclass(frozen=True)
class Weights:
    """A file of trained weights. The digest, not the file's name, decides whether it is this one.

    `beyond`: beginnings of the keys that the file holds past the layers we build; any other surplus key is refused.
    `packaged` is (package, path) when the file comes with a Python package.
    """

    stem: str
    filename: str
    sha256: str
    bytes: int
    licence: str
    how_to_get: str
    beyond: tuple[str, ...] = ()
    packaged: tuple[str, str] | None = None


@dataclass(frozen=True)
class Stylizer:
    """Something that turns one face picture into another. `directions` are (from, to) pairs of modalities."""

    name: str
    title: str
    directions: tuple[tuple[str, str], ...]
    module: str
    note: str
    classical: bool = False


FULL_INCEPTION = "pt_inception-2015-12-05-6726825d"
PARTIAL_INCEPTION = "fid_inception_2015_upto_mixed6e"
DLIB_RECOGNITION = "dlib_face_recognition_resnet_model_v1"
DLIB_LANDMARKS = "shape_predictor_5_face_landmarks"

# As pytorch-fid prepares pictures for the FID network.
FID_PREPROCESSING = Preprocessing(
    resize="bilinear, half-pixel centres, no antialiasing, float32 (torch interpolate, as pytorch-fid)",
    input_size=(299, 299),
    crop="none",
    colour="RGB, grey replicated, transparency over white, EXIF orientation applied, 2x/255-1",
    dtype="float32",
)

EXTRACTORS: dict[str, Extractor] = {
    "inception.mixed6e": Extractor(
        name="inception.mixed6e",
        title=gettext_noop("FID Inception, 768 numbers (Mixed_6e)"),
        dimension=768,
        module="workers.engine.features.inception.InceptionMixed6e",
        preprocessing=FID_PREPROCESSING,
        note=gettext_noop(
            "The documented 768-dimensional variant of the FID network (2015-12-05), averaged after Mixed_6e. "
            "Not comparable with published 2048-dimensional FIDs."
        ),
        weights=((FULL_INCEPTION, PARTIAL_INCEPTION),),
    ),
    "inception.pool1": Extractor(
        name="inception.pool1",
        title=gettext_noop("FID Inception, 64 numbers (first pooling)"),
        dimension=64,
        module="workers.engine.features.inception.InceptionPool1",
        preprocessing=FID_PREPROCESSING,
        note=gettext_noop(
            "The documented 64-dimensional variant of the FID network: edges and colours, so small sets suffice. "
            "Not comparable with published 2048-dimensional FIDs."
        ),
        weights=((FULL_INCEPTION, PARTIAL_INCEPTION),),
    ),
    "inception.pool2": Extractor(
        name="inception.pool2",
        title=gettext_noop("FID Inception, 192 numbers (second pooling)"),
        dimension=192,
        module="workers.engine.features.inception.InceptionPool2",
        preprocessing=FID_PREPROCESSING,
        note=gettext_noop(
            "The documented 192-dimensional variant of the FID network: textures and strokes, below n of the usual test "
            "sets. Not comparable with published 2048-dimensional FIDs."
        ),
        weights=((FULL_INCEPTION, PARTIAL_INCEPTION),),
    ),
    "dlib.face128": Extractor(
        name="dlib.face128",
        title=gettext_noop("dlib face descriptor, 128 numbers"),
        dimension=128,
        module="workers.engine.features.dlib_face.DlibFace128",
        preprocessing=Preprocessing(
            resize="dlib face chip (5 points, padding 0.25, bilinear over a pyramid)",
            input_size=(150, 150),
            crop="largest frontal face (HOG detector; once more at double size when none is found)",
            colour="RGB 8 bit, grey replicated, transparency over white, EXIF orientation applied",
            dtype="float32",
        ),
        note=gettext_noop(
            "Identity features: dlib's face recognition network on the aligned face. Pictures without a face are "
            "skipped and reported."
        ),
        weights=((DLIB_RECOGNITION,), (DLIB_LANDMARKS,)),
        needs_face=True,
    ),
}

WEIGHTS: dict[str, Weights] = {
    FULL_INCEPTION: Weights(
        stem=FULL_INCEPTION,
        filename=f"{FULL_INCEPTION}.pth",
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        bytes=95_628_359,
        licence="Apache 2.0 (Google, TensorFlow models)",
        how_to_get=(
            "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth"
        ),
        beyond=("Mixed_7a.", "Mixed_7b.", "Mixed_7c.", "fc."),
    ),
    PARTIAL_INCEPTION: Weights(
        stem=PARTIAL_INCEPTION,
        filename=f"{PARTIAL_INCEPTION}.pth",
        sha256="7eef0416dc12d0a00e1141dd315925b2aa5bde16ec9f34760f5c33ae16086ded",
        bytes=36_055_715,
        licence="Apache 2.0 (Google, TensorFlow models); by way of shu223/iOS-10-Sampler (MIT)",
        how_to_get=(
            "the same network up to Mixed_6e, put together from the layer files of github.com/shu223/iOS-10-Sampler, "
            "numbers rounded to six decimals"
        ),
    ),
    DLIB_RECOGNITION: Weights(
        stem=DLIB_RECOGNITION,
        filename=f"{DLIB_RECOGNITION}.dat",
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        bytes=22_466_066,
        licence="CC0 1.0 (Davis King)",
        how_to_get="pip install face_recognition_models",
        packaged=("face_recognition_models", f"models/{DLIB_RECOGNITION}.dat"),
    ),
    DLIB_LANDMARKS: Weights(
        stem=DLIB_LANDMARKS,
        filename=f"{DLIB_LANDMARKS}.dat",
        sha256="c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
        bytes=9_150_489,
        licence="CC0 1.0 (Davis King)",
        how_to_get="pip install face_recognition_models",
        packaged=("face_recognition_models", f"models/{DLIB_LANDMARKS}.dat"),
    ),
}

STYLIZERS: dict[str, Stylizer] = {
    "pencil": Stylizer(
        name="pencil",
        title=gettext_noop("Pencil (classical, not learned)"),
        directions=(("photo", "sketch"),),
        module="workers.engine.stylizers.pencil",
        note=gettext_noop("A classical photo-to-pencil filter, not trained; the baseline every model must beat."),
        classical=True,
    ),
}


def extractor(name: str) -> Extractor:
    """The extractor of this name; InputError listing the known ones otherwise."""
    return _look_up(EXTRACTORS, name, "extractor")


def metric(name: str) -> Metric:
    """The metric of this name; InputError listing the known ones otherwise."""
    return _look_up(METRICS, name, "metric")


def stylizer(name: str) -> Stylizer:
    """The stylizer of this name; InputError listing the known ones otherwise."""
    return _look_up(STYLIZERS, name, "stylizer")


def serving(extractor_name: str) -> tuple[Weights, ...]:
    """Every file that the extractor can use, preferred ones first."""
    return tuple(WEIGHTS[stem] for stems in extractor(extractor_name).weights for stem in stems)


def weights(name: str) -> tuple[Weights, ...]:
    """The files that a file stem or an `extractor.layer` stands for, the preferred one first.

    Raises InputError listing the known names.
    """
    if isinstance(name, str) and name in EXTRACTORS:
        return serving(name)
    return (_look_up(WEIGHTS, name, "weights", also=EXTRACTORS),)


def _look_up(table: Mapping[str, Entry], name: str, kind: str, also: Iterable[str] = ()) -> Entry:
    try:
        return table[name]
    except (KeyError, TypeError):
        known = ", ".join([*sorted(table), *sorted(also)])
        raise InputError(f"There is no {kind} named {str(name)[:80]!r}. Known: {known}.") from None
