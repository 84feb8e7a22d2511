"""The extractors as a table, free of torch; reached through catalogue.py.

A name is `family.layer`. Where the same layer is offered with another preprocessing, a suffix says so:
`inception.pool3` prepares pictures as pytorch-fid does, `inception.pool3_tf1` as TensorFlow 1 and torch-fidelity do,
`inception.pool3_clean` as clean-fid does. `family.layer@name` uses a checkpoint, or weights of the user's own.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from workers.engine.features.checkpoint_table import CHECKPOINT_EXTRACTORS
from workers.engine.features.rows import READ, Extractor, Preprocessing
from workers.engine.metrics.table import gettext_noop
from workers.engine.weights_table import (
    CLIP_B32,
    CLIP_L14_336,
    DINOV2,
    DLIB_LANDMARKS,
    DLIB_LANDMARKS_68,
    DLIB_RECOGNITION,
    EDGEFACE,
    FULL_INCEPTION,
    PARTIAL_INCEPTION,
    SPHEREFACE,
    SQUEEZENET,
    SQUEEZENET_FULL,
    VGGFACE,
    Weights,
)

__all__ = ["CHECKPOINT_EXTRACTORS", "EXTRACTORS", "Extractor", "Preprocessing", "named_extractor"]

_CENTRE = "centre square of the shorter side"
_OWN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")

# As pytorch-fid prepares pictures for the FID network.
FID_PREPROCESSING = Preprocessing(
    resize="bilinear, half-pixel centres, no antialiasing, float32 (torch interpolate, as pytorch-fid)",
    input_size=(299, 299),
    crop="none",
    colour=f"RGB, {READ}, 2x/255-1",
)
TF1_PREPROCESSING = Preprocessing(
    resize="bilinear, corner-aligned grid x*in/out, no antialiasing, float32 (TensorFlow 1, as torch-fidelity)",
    input_size=(299, 299),
    crop="none",
    colour=f"RGB, {READ}, (x-128)/128",
)
CLEAN_PREPROCESSING = Preprocessing(
    resize="bicubic, antialiased, each channel as float32, clipped to 0..255, not rounded (Pillow, as clean-fid)",
    input_size=(299, 299),
    crop="none",
    colour=f"RGB, {READ}, (x-128)/128",
)
VGGFACE_PREPROCESSING = Preprocessing(
    resize="bilinear, antialiased, float32 (torch interpolate)",
    input_size=(224, 224),
    crop=_CENTRE,
    colour=f"RGB, {READ}, 0..255 minus R 129.1863, G 104.7624, B 93.5940",
)
IMAGENET_COLOUR = f"RGB, {READ}, x/255, ImageNet mean and deviation"


def _inception(
    layer: str, dimension: int, title: str, note: str, weights: tuple[str, ...], mode: str = ""
) -> Extractor:
    preprocessing = {"": FID_PREPROCESSING, "_tf1": TF1_PREPROCESSING, "_clean": CLEAN_PREPROCESSING}[mode]
    network = {
        "pool1": "InceptionPool1",
        "pool2": "InceptionPool2",
        "mixed6e": "InceptionMixed6e",
        "pool3": "InceptionPool3",
    }
    suffix = {"": "", "_tf1": "Tf1", "_clean": "Clean"}[mode]
    module = f"workers.engine.features.inception.{network[layer]}{suffix}"
    return Extractor(f"inception.{layer}{mode}", title, dimension, module, preprocessing, note, (weights,))


def _vggface(layer: str, dimension: int, title: str, note: str) -> Extractor:
    module = f"workers.engine.features.vggface.{layer[0].upper()}{layer[1:].replace('avg', 'Avg')}"
    return Extractor(f"vggface.{layer}", title, dimension, module, VGGFACE_PREPROCESSING, note, ((VGGFACE,),))


_SIX = (FULL_INCEPTION, PARTIAL_INCEPTION)
_TF1_NOTE = gettext_noop(
    "The same network with TensorFlow 1's resize, as in the original FID program and torch-fidelity."
)
_CLEAN_NOTE = gettext_noop(
    "The same network with clean-fid's resize: antialiased, so that shrinking loses no FID points."
)
_VGG_NOTE = gettext_noop(
    "VGG-Face (Parkhi et al. 2015) on the centre square, RGB. No digest of the file is published: its own stands in the "
    "protocol. A fine-tuned file added under a name is used as vggface.layer@name; it must take RGB as well."
)

_ROWS = (
    _inception(
        "mixed6e",
        768,
        gettext_noop("FID Inception, 768 numbers (Mixed_6e)"),
        gettext_noop(
            "The documented 768-dimensional variant of the FID network (2015-12-05), averaged after Mixed_6e. "
            "Not comparable with published 2048-dimensional FIDs."
        ),
        _SIX,
    ),
    _inception(
        "pool1",
        64,
        gettext_noop("FID Inception, 64 numbers (first pooling)"),
        gettext_noop(
            "The documented 64-dimensional variant of the FID network: edges and colours, so small sets suffice. "
            "Not comparable with published 2048-dimensional FIDs."
        ),
        _SIX,
    ),
    _inception(
        "pool2",
        192,
        gettext_noop("FID Inception, 192 numbers (second pooling)"),
        gettext_noop(
            "The documented 192-dimensional variant of the FID network: textures and strokes, below n of the usual test "
            "sets. Not comparable with published 2048-dimensional FIDs."
        ),
        _SIX,
    ),
    _inception(
        "pool3",
        2048,
        gettext_noop("FID Inception, 2048 numbers (final pooling)"),
        gettext_noop(
            "FID as published: the final average pooling of the FID network, pictures prepared as by pytorch-fid."
        ),
        (FULL_INCEPTION,),
    ),
    _inception(
        "pool3",
        2048,
        gettext_noop("FID Inception, 2048 numbers, TensorFlow 1 resize"),
        _TF1_NOTE,
        (FULL_INCEPTION,),
        "_tf1",
    ),
    _inception(
        "pool3",
        2048,
        gettext_noop("FID Inception, 2048 numbers, clean-fid resize"),
        _CLEAN_NOTE,
        (FULL_INCEPTION,),
        "_clean",
    ),
    _inception(
        "mixed6e", 768, gettext_noop("FID Inception, 768 numbers, TensorFlow 1 resize"), _TF1_NOTE, _SIX, "_tf1"
    ),
    _inception(
        "mixed6e", 768, gettext_noop("FID Inception, 768 numbers, clean-fid resize"), _CLEAN_NOTE, _SIX, "_clean"
    ),
    Extractor(
        name="dlib.face128",
        title=gettext_noop("dlib face descriptor, 128 numbers"),
        dimension=128,
        module="workers.engine.features.dlib_face.DlibFace128",
        preprocessing=Preprocessing(
            resize="dlib face chip (5 points, padding 0.25, bilinear over a pyramid)",
            input_size=(150, 150),
            crop="largest frontal face (HOG detector; once more at double size when none is found)",
            colour="RGB 8 bit, grey replicated, transparency over white, EXIF orientation applied",
        ),
        note=gettext_noop(
            "Identity features: dlib's face recognition network on the aligned face. Pictures without a face are "
            "skipped and reported."
        ),
        weights=((DLIB_RECOGNITION,), (DLIB_LANDMARKS,)),
        needs_face=True,
    ),
    Extractor(
        name="edgeface.xs512",
        title=gettext_noop("EdgeFace-XS face descriptor, 512 numbers"),
        dimension=512,
        module="workers.engine.features.edgeface.EdgeFaceXs512",
        preprocessing=Preprocessing(
            resize="similarity transform of five points onto the ArcFace template (Pillow bicubic, shrunk first)",
            input_size=(112, 112),
            crop="largest frontal face (dlib HOG detector, 68 landmarks)",
            colour=f"RGB, {READ}, x/127.5-1",
        ),
        note=gettext_noop(
            "Identity features of EdgeFace (George et al. 2023), a newer and smaller network than dlib's. Pictures without a "
            "face are skipped and reported."
        ),
        weights=((EDGEFACE,), (DLIB_LANDMARKS_68,)),
        needs_face=True,
        distance="cosine",
    ),
    Extractor(
        name="sphereface.fc5",
        title=gettext_noop("SphereFace face descriptor, 512 numbers"),
        dimension=512,
        module="workers.engine.features.sphereface.Fc5",
        preprocessing=Preprocessing(
            resize="similarity transform of five points onto the SphereFace template (Pillow bicubic, shrunk first)",
            input_size=(96, 112),
            crop="largest frontal face (dlib HOG detector, 68 landmarks)",
            colour=f"BGR, {READ}, (x-127.5)/128",
        ),
        note=gettext_noop(
            "Identity features of SphereFace (Liu et al. 2017, sphere20a), which papers on caricatures compare persons by. No "
            "digest of the file is published: its own stands in the protocol. Pictures without a face are skipped and reported. A "
            "fine-tuned file added under a name is used as sphereface.fc5@name; it must take BGR as well."
        ),
        weights=((SPHEREFACE,), (DLIB_LANDMARKS_68,)),
        needs_face=True,
        distance="cosine",
    ),
    _vggface("pool5avg", 512, gettext_noop("VGG-Face pool5, averaged, 512 numbers"), _VGG_NOTE),
    _vggface("pool5", 25_088, gettext_noop("VGG-Face pool5, flattened, 25,088 numbers"), _VGG_NOTE),
    _vggface("fc6", 4096, gettext_noop("VGG-Face fc6 before its ReLU, 4096 numbers"), _VGG_NOTE),
    _vggface("relu6", 4096, gettext_noop("VGG-Face fc6 after its ReLU, 4096 numbers"), _VGG_NOTE),
    _vggface("fc7", 4096, gettext_noop("VGG-Face fc7 before its ReLU, 4096 numbers"), _VGG_NOTE),
    _vggface("relu7", 4096, gettext_noop("VGG-Face fc7 after its ReLU, 4096 numbers"), _VGG_NOTE),
    Extractor(
        name="squeezenet.fire12",
        title=gettext_noop("SqueezeNet 1.1, 512 numbers"),
        dimension=512,
        module="workers.engine.features.squeezenet.SqueezeNetFire12",
        preprocessing=Preprocessing(
            resize="bilinear, antialiased, float32 (torch interpolate)",
            input_size=(224, 224),
            crop=_CENTRE,
            colour=IMAGENET_COLOUR,
        ),
        note=gettext_noop(
            "A small ImageNet network: the average of its last fire module. Quick, and its weights are 3 MB."
        ),
        weights=((SQUEEZENET, SQUEEZENET_FULL),),
    ),
    Extractor(
        name="dinov2.vits14",
        title=gettext_noop("DINOv2 ViT-S/14, 384 numbers"),
        dimension=384,
        module="workers.engine.features.dinov2.DinoV2Small14",
        preprocessing=Preprocessing(
            resize="bicubic, antialiased, 8 bit (Pillow)", input_size=(224, 224), crop=_CENTRE, colour=IMAGENET_COLOUR
        ),
        note=gettext_noop(
            "Self-supervised features (Oquab et al. 2023) whose distances agree with people's judgement better than the FID "
            "network's (Stein et al. 2023)."
        ),
        weights=((DINOV2,),),
    ),
    Extractor(
        name="clip.vitb32",
        title=gettext_noop("CLIP ViT-B/32, 512 numbers"),
        dimension=512,
        module="workers.engine.features.clip.ClipVitB32",
        preprocessing=Preprocessing(
            resize="bicubic, antialiased, 8 bit (Pillow)",
            input_size=(224, 224),
            crop=_CENTRE,
            colour=f"RGB, {READ}, x/255, CLIP mean and deviation; vectors of length 1",
        ),
        note=gettext_noop("Image embeddings of CLIP (Radford et al. 2021), scaled to length 1, as CMMD takes them."),
        weights=((CLIP_B32,),),
    ),
    Extractor(
        name="clip.vitl14_336",
        title=gettext_noop("CLIP ViT-L/14 at 336 pixels, 768 numbers"),
        dimension=768,
        module="workers.engine.features.clip.ClipVitL14At336",
        preprocessing=Preprocessing(
            resize="bicubic, antialiased, 8 bit (Pillow)",
            input_size=(336, 336),
            crop=_CENTRE,
            colour=f"RGB, {READ}, x/255, CLIP mean and deviation; vectors of length 1",
        ),
        note=gettext_noop(
            "The network of the CMMD paper (Jayasumana et al. 2024); about a second a picture without a GPU."
        ),
        weights=((CLIP_L14_336,),),
    ),
)

EXTRACTORS: dict[str, Extractor] = {row.name: row for row in _ROWS}


def named_extractor(name: str, weights: Mapping[str, Weights]) -> Extractor | None:
    """The row of `family.layer@name`; None when the name has no such form or the layer takes none."""
    base, at, own = name.partition("@")
    if not at or not _OWN_NAME.fullmatch(own):
        return None
    row = CHECKPOINT_EXTRACTORS.get(base) or EXTRACTORS.get(base)
    if row is None or not (row.of_checkpoint or any(weights[stem].variants for stems in row.weights for stem in stems)):
        return None
    return replace(row, name=name)
