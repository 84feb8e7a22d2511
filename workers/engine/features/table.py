"""The extractors as a table, free of torch; reached through catalogue.py."""

from dataclasses import dataclass

from workers.engine.metrics.table import gettext_noop
from workers.engine.weights_table import DLIB_LANDMARKS, DLIB_RECOGNITION, FULL_INCEPTION, PARTIAL_INCEPTION


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
