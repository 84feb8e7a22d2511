"""Pictures in and out: decoding what strangers send, and writing PNG files that carry pixels and nothing else."""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from workers.engine.errors import InputError
from workers.engine.picture_parts import check_parts
from workers.engine.picture_pixels import clean_rgb, fitting
from workers.engine.whole_files import whole_file

# Pillow only warns from MAX_IMAGE_PIXELS on and decodes all the same; here the warning ends the reading.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# It would hold 64 MiB of a PNG's texts, of four bytes a character where one of them needs it.
PngImagePlugin.MAX_TEXT_MEMORY = 2 * 1024 * 1024

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 25_000_000
MAX_SIDE = 4096
# The longest a JPEG can be. Each row costs a decoder memory of its own: a PNG of 1x25000000 pixels took 500 MiB.
MAX_LENGTH = 65_535

_ORIENTATION_TAG = 0x0112
# What a damaged or hostile file makes Pillow's decoders raise.
_DECODE_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError, OverflowError,
    ArithmeticError, RuntimeError, MemoryError,
)  # fmt: skip
# Only to say in the message what a refused file is; never used to accept one.
_OTHER_KINDS = (
    (b"GIF8", "a GIF"), (b"BM", "a BMP"), (b"II*\0", "a TIFF"), (b"MM\0*", "a TIFF"), (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript (EPS)"), (b"\xc5\xd0\xd3\xc6", "a PostScript (EPS)"), (b"PK\x03\x04", "a ZIP"),
)  # fmt: skip
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_ON_ITS_SIDE = (5, 6, 7, 8)


@dataclass(frozen=True)
class Decoded:
    """What read_photo makes of a file, and what the file is.

    width, height  pixels upright, before it is shrunk
    mode, format   as Pillow names them
    """

    picture: Image.Image
    width: int
    height: int
    mode: str
    format: str


def read_photo(
    source: IO[bytes] | str | Path, *, max_pixels: int = MAX_PIXELS, max_side: int = MAX_SIDE
) -> Image.Image:
    """Decode an untrusted JPEG, PNG or WebP picture into a fresh upright RGB image without any metadata.

    The size is checked before a pixel is decoded: more than `max_pixels` is refused, more than MAX_LENGTH a side, and a file
    of more parts than pictures have (see picture_parts). A picture whose longer side exceeds `max_side` pixels is shrunk to
    it (JPEG already while decoding, which bounds memory). The orientation in the EXIF data is applied; transparency becomes
    white; grey, palette, CMYK and 16-bit pictures become 8-bit RGB.
    Colour profiles are dropped without conversion: the picture is read as sRGB.
    InputError says what is wrong with the file and what to do.
    """
    return decode(source, max_pixels=max_pixels, max_side=max_side).picture


def decode(source: IO[bytes] | str | Path, *, max_pixels: int = MAX_PIXELS, max_side: int = MAX_SIDE) -> Decoded:
    """As read_photo, with what else is known of the file then."""
    try:
        check_parts(_content(source))
        with Image.open(source, formats=FORMATS) as image:
            _check_size(image, max_pixels)
            (width, height), mode, form = image.size, image.mode, image.format or ""
            size = fitting(image.size, max_side)
            image.draft(None, size)
            image.load()
            orientation = _orientation(image)
            rgb = clean_rgb(image, size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(_too_large(max_pixels)) from error
    except FileNotFoundError as error:
        raise InputError(f"There is no file {source}; check the path.") from error
    except IsADirectoryError as error:
        raise InputError(f"{source} is a folder; give one picture file.") from error
    except UnidentifiedImageError as error:
        raise InputError(_not_a_picture(source)) from error
    except _DECODE_ERRORS as error:
        raise InputError(
            "The picture is damaged or incomplete and could not be read; open it in an image program, save it again "
            "as JPEG or PNG, and use that file."
        ) from error
    if orientation in _TRANSPOSE:
        rgb = rgb.transpose(_TRANSPOSE[orientation])
    if orientation in _ON_ITS_SIDE:
        width, height = height, width
    return Decoded(rgb, width, height, mode, form)


def write_png(image: Image.Image, path: Path, *, level: int = 4) -> None:
    """Write an RGB or L image as PNG: pixels only, under a temporary name first, so that no reader sees half a file.

    `level` is how hard it is compressed, 0 to 9. At 1 a photo takes a third of the time of 4 and is a tenth larger.
    """
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as stream:
        clean.save(stream, format="PNG", compress_level=level)


def to_uint8(x) -> np.ndarray:
    """Values in [-1, 1], any shape -> uint8 of the same shape: x * 0.5 + 0.5, clamped, rounded.

    Never stretched to the picture's own minimum and maximum, which would change every metric measured on the result.
    """
    values = np.asarray(x, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("the array to write as a picture holds NaN or infinity")
    return np.rint(np.clip(values * 0.5 + 0.5, 0.0, 1.0) * 255.0).astype(np.uint8)


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise InputError("The picture has no pixels; choose another file.")
    if width * height > max_pixels:
        raise InputError(_too_large(max_pixels, width, height))
    if max(width, height) > MAX_LENGTH:
        raise InputError(
            "The picture is longer than 65535 pixels on one side; cut it into shorter ones and use one of them."
        )
    # A JPEG of several frames is a phone's photo with a depth or brightness map behind it; the first is the photo.
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise InputError("The picture is animated; save one frame of it as JPEG or PNG and use that file.")


def _too_large(max_pixels: int, width: int | None = None, height: int | None = None) -> str:
    found = f" has {width}x{height} pixels ({width * height / 1e6:.0f} megapixels)" if width and height else ""
    return (
        f"The picture{found or ' has far too many pixels'}; at most {max_pixels / 1e6:g} megapixels are accepted. "
        "Make it smaller and try again."
    )


def _not_a_picture(source) -> str:
    head = _head(source)
    if not head:
        return "The file is empty; choose a JPEG, PNG or WebP picture."
    kind = next((name for magic, name in _OTHER_KINDS if head.startswith(magic)), None)
    if head[4:8] == b"ftyp":
        kind = "a HEIC or AVIF" if head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif") else "a video"
    elif b"<svg" in head.lower():
        kind = "an SVG"
    found = f"The file is {kind} file" if kind else "The file is not a picture that can be read"
    return f"{found}; only JPEG, PNG and WebP pictures are accepted. Save it as JPEG and try again."


def _content(source: IO[bytes] | str | Path) -> bytes:
    if isinstance(source, str | Path):
        return Path(source).read_bytes()
    source.seek(0)
    content = source.read()
    source.seek(0)
    return content


def _head(source) -> bytes:
    try:
        if isinstance(source, (str, Path)):
            with Path(source).open("rb") as stream:
                return stream.read(512)
        source.seek(0)
        return source.read(512)
    except (OSError, ValueError):
        return b"?"


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1..8; a broken EXIF block counts as upright, the pixels are still good."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DECODE_ERRORS:
        return 1
