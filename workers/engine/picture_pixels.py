"""From a decoded picture of any mode to clean RGB pixels of the wanted size.

It goes band by band: at 25 megapixels every whole copy that a change of mode makes takes 100 MiB, and some modes need three.
"""

import numpy as np
from PIL import Image

BAND_PIXELS = 1_000_000


def fitting(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    """The size (width, height) shrunk so that its longer side has at most `max_side` pixels; never enlarged."""
    shrink = min(1.0, max_side / max(size))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def clean_rgb(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A new RGB image of `size` (width, height) that holds the pixels of the loaded `image` and nothing else.

    Transparency becomes white, 16 bits become 8. Each band is brought to the width at once, all of them together to the
    height in the end: the two passes that Pillow's own resize makes.
    """
    narrow = Image.new("RGB", (size[0], image.height))
    rows = max(1, BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        band = _rgb(image.crop((0, top, image.width, min(top + rows, image.height))))
        narrow.paste(_resized(band, (size[0], band.height)), (0, top))
    return _resized(narrow, size)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    # Where there is nothing to do, resize would copy.
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _rgb(band: Image.Image) -> Image.Image:
    if band.mode.startswith("I") or band.mode == "F":
        # 16-bit grey; Pillow's own conversion would clip it at 255 instead of scaling it.
        grey = np.clip(np.asarray(band, dtype=np.float32) / 257.0, 0, 255)
        band = Image.fromarray(np.rint(grey).astype(np.uint8))
    if not band.has_transparency_data:
        return band if band.mode == "RGB" else band.convert("RGB")
    band = band if band.mode == "RGBA" else band.convert("RGBA")
    ground = Image.new("RGB", band.size, "white")
    ground.paste(band, mask=band.getchannel("A"))
    return ground
