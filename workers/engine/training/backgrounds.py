"""The plain background of a portrait, found once a picture, so that training can give it other colours.

Studio sets have one or two backgrounds, and a network takes that for a law: photos from anywhere then come out with dark
patches around the head. What has the colour of the upper corners and is joined to the upper border is background.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

TOLERANCE = 40.0  # distance in RGB, 0-255
LEAST, MOST = 0.05, 0.75  # share of the picture; beyond these it is no plain background


def background(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """(h, w, 3) -> (h, w) from 0 (subject) to 255 (background), softened over a few pixels; all 0 when none is found."""
    height, width = picture.shape[:2]
    band, side = max(1, height // 16), max(1, width // 8)
    corners = np.concatenate([picture[:band, :side].reshape(-1, 3), picture[:band, -side:].reshape(-1, 3)])
    distance = np.linalg.norm(picture.astype(np.float32) - np.median(corners, axis=0), axis=2)
    labels, _ = ndimage.label(ndimage.gaussian_filter(distance, 1.0) < TOLERANCE)
    joined = np.isin(labels, np.setdiff1d(np.unique(labels[0]), [0]))
    # Thin threads into hair and shirts go; what lies beyond the picture's border counts as background too.
    core = ndimage.binary_erosion(joined, iterations=2, border_value=1)
    joined = ndimage.binary_dilation(core, iterations=2, mask=joined)
    if not LEAST <= joined.mean() <= MOST:
        return np.zeros((height, width), dtype=np.uint8)
    return np.rint(255 * ndimage.gaussian_filter(joined.astype(np.float32), 1.5)).astype(np.uint8)
