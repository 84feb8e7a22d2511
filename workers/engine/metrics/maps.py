"""Where two pictures of the same face differ, as a picture. Loads neither torch nor scipy, so that a page may show it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from workers.engine.errors import InputError
from workers.engine.features.pictures import read_picture
from workers.engine.metrics import similarity
from workers.engine.metrics.paired_pictures import checked_pictures, grey


def difference(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """(h, w): white where the grey values of two pictures (h, w, 3) uint8 are equal, black where they differ by 255."""
    first, second = (grey(each)[0].astype(np.int16) for each in _pair(reference, candidate))
    return (255 - np.abs(first - second)).astype(np.uint8)


def ssim(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """(h, w): white where the local SSIM is 1, black where it is 0 or below; the border, which has none, is white."""
    first, second = (grey(each) for each in _pair(reference, candidate, similarity.WINDOW))
    local = similarity.ssim_maps(first, second)[0]
    whole = np.ones(first.shape[1:])
    whole[similarity.RADIUS : -similarity.RADIUS, similarity.RADIUS : -similarity.RADIUS] = local
    return np.rint(np.clip(whole, 0, 1) * 255).astype(np.uint8)


MAPS = {"difference": difference, "ssim": ssim}


def error_map(kind: str, reference: Path, candidate: Path) -> Image.Image:
    """The map of this kind between two files, as an L picture. InputError for files that cannot be compared."""
    if kind not in MAPS:
        raise InputError(f"There is no map named {kind!r}. Known: {', '.join(MAPS)}.")
    pictures = [read_picture(path, path.name) for path in (reference, candidate)]
    return Image.fromarray(MAPS[kind](*pictures))


def _pair(reference: npt.ArrayLike, candidate: npt.ArrayLike, smallest: int = 1):
    return checked_pictures(np.asarray(reference)[None], np.asarray(candidate)[None], smallest)
