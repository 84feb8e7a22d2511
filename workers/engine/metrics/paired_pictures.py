"""What metrics between two pictures see of them: grey levels, or luminance and colour apart.

Grey is the 8-bit grey of ITU-R 601 (0.299 R + 0.587 G + 0.114 B, rounded), the very one of Pillow's mode L, so a grey
picture stored as RGB keeps its values.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError

Pictures = npt.NDArray[np.uint8]  # (n, h, w, 3)
Grey = npt.NDArray[np.uint8]  # (n, h, w)
Planes = npt.NDArray[np.float64]  # (n, h, w)
Values = npt.NDArray[np.float64]  # (n,)

_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])


def checked_pictures(
    reference: npt.ArrayLike, candidate: npt.ArrayLike, smallest: int = 1
) -> tuple[Pictures, Pictures]:
    """Both as (n, h, w, 3) uint8 of one shape, each side at least `smallest` pixels. InputError otherwise."""
    first, second = np.asarray(reference), np.asarray(candidate)
    for name, each in (("reference", first), ("candidate", second)):
        if each.dtype != np.uint8 or each.ndim != 4 or each.shape[-1] != 3 or 0 in each.shape:
            raise InputError(
                f"The {name} pictures are {each.dtype} of shape {each.shape}; 8-bit RGB of shape (n, h, w, 3) is needed."
            )
    if first.shape != second.shape:
        raise InputError(
            f"The pictures have shapes {first.shape} and {second.shape}; pictures that are compared with each other "
            "must have the same size. Crop or resize one of the sets first."
        )
    if min(first.shape[1:3]) < smallest:
        height, width = first.shape[1:3]
        raise InputError(
            f"The pictures are {width}x{height} pixels large; this metric needs at least {smallest} a side."
        )
    return first, second


def grey(pictures: Pictures) -> Grey:
    """(n, h, w, 3) -> (n, h, w), both uint8, in Pillow's integer arithmetic."""
    red, green, blue = (pictures[..., channel].astype(np.uint32) for channel in range(3))
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)


def luminance(pictures: Pictures) -> Planes:
    """Y alone, 0 to 255, not rounded: (n, h, w)."""
    planes = pictures[..., 0] * _YIQ[0, 0]
    for channel in (1, 2):
        planes += pictures[..., channel] * _YIQ[0, channel]
    return planes


def yiq(pictures: Pictures) -> tuple[Planes, Planes, Planes]:
    """Luminance Y (0 to 255, not rounded) and the two colour differences I and Q, each (n, h, w)."""
    planes = pictures.astype(np.float64) @ _YIQ.T
    return planes[..., 0], planes[..., 1], planes[..., 2]
