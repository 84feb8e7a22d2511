"""`dlib.face128`: dlib's face recognition descriptor (Davis King 2017; 99.38 % on LFW) of the largest face.

Same person, near vectors: what it measures on a set of sketches is whether the identities survive.
"""

import threading
from collections.abc import Sequence

import dlib
import numpy as np
from PIL import Image

from workers.engine.catalogue import DLIB_LANDMARKS, DLIB_RECOGNITION
from workers.engine.features.extractors import Features, NotUsable
from workers.engine.features.pictures import Picture
from workers.engine.weights import ExtractorWeights

CHIP_SIDE = 150
CHIP_PADDING = 0.25
LONGEST_SIDE = 1280  # larger pictures are shrunk first: a face of 80 pixels in there is found all the same
SMALLEST_SIDE = 16

# dlib keeps scratch memory inside the detector, and one network serves one call at a time.
_lock = threading.Lock()


class DlibFace128:
    """Picture -> 128 numbers of its largest frontal face."""

    batch_size = 4  # dlib takes faces one by one and 0.1 s each; a batch is only how long a stop has to wait

    def __init__(self, weights: ExtractorWeights, device: str = "auto") -> None:
        paths = {file.entry.stem: str(file.path) for file in weights.files}
        self.detector = dlib.get_frontal_face_detector()
        self.landmarks = dlib.shape_predictor(paths[DLIB_LANDMARKS])
        self.network = dlib.face_recognition_model_v1(paths[DLIB_RECOGNITION])

    def prepare(self, picture: Picture) -> Picture:
        """(h, w, 3) uint8 -> the aligned face, (150, 150, 3) uint8. Raises NotUsable when no face is found."""
        picture = _shrunk(picture)
        if min(picture.shape[:2]) < SMALLEST_SIDE:
            raise NotUsable("the picture is too small to hold a face")
        with _lock:
            # Upsampling finds faces down to 40 pixels but costs four times the detection, so only when needed.
            boxes = self.detector(picture, 0) or self.detector(picture, 1)
            if not boxes:
                raise NotUsable("no frontal face was found in it")
            largest = max(boxes, key=lambda box: (box.area(), -box.left(), -box.top()))
            points = self.landmarks(picture, largest)
            return dlib.get_face_chip(picture, points, size=CHIP_SIDE, padding=CHIP_PADDING)

    def features(self, batch: Sequence[Picture]) -> Features:
        """n aligned faces -> (n, 128) float32."""
        with _lock:
            return np.array([self.network.compute_face_descriptor(chip) for chip in batch], dtype=np.float32)


def _shrunk(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    factor = LONGEST_SIDE / max(height, width)
    if factor >= 1:
        return np.ascontiguousarray(picture)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
