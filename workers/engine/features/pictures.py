"""Reading a picture for measuring: exact pixels, upright, 8-bit RGB, nothing shrunk."""

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from workers.engine.errors import InputError

Picture = npt.NDArray[np.uint8]  # (h, w, 3)

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
MAX_PIXELS = 100_000_000


def pictures_below(folder: Path) -> list[Path]:
    """All pictures in a folder and its subfolders, by suffix in any case, sorted; hidden files are left out.

    Raises InputError when there is no such folder or no picture in it.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not found:
        raise InputError(f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))}).")
    return found


def read_picture(path: Path, name: str | None = None) -> Picture:
    """The picture as RGB, shape (h, w, 3): grey replicated, 16 bit scaled to 8, transparency over white, EXIF upright.

    Raises InputError when it cannot be read, calling it `name` (its path if none is given).
    """
    name = name or str(path)
    try:
        with Image.open(BytesIO(path.read_bytes()), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(f"{name} has {image.width}x{image.height} pixels; at most {MAX_PIXELS:,} are read.")
            image.load()
            return np.array(_rgb(ImageOps.exif_transpose(image)))
    except InputError:
        raise
    except OSError as error:
        why = error.strerror or "damaged or unknown format"
        raise InputError(f"{name} cannot be read as a picture: {why}.") from error
    except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
        raise InputError(f"{name} cannot be read as a picture: it is damaged ({type(error).__name__}).") from error


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit grey. Pillow's own conversion to 8 bit would clip at 255 where it has to scale.
        grey = np.clip(np.rint(np.asarray(image, dtype=np.float64) / 257.0), 0, 255)
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        ground = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(ground, coloured).convert("RGB")
    return image.convert("RGB")
