"""A look at how many parts a JPEG or PNG file has, before a decoder walks over them.

A decoder bounds what the size of a picture costs, but not how often it is sent over the picture: each scan of a progressive JPEG
is one more pass over all its blocks, and 42 bytes are enough for a scan. At 25 megapixels a pass takes 17 ms, so 10 MiB of scans
would keep a processor busy for an hour. In the same way millions of empty segments or chunks cost time and memory, for each is
noted. See libjpeg-turbo's report "Two Issues with the JPEG Standard" (2015). Pictures of cameras and programs have at most some
twenty scans, and a segment for each 64 KiB of what comes with the picture.
"""

import re

from workers.engine.errors import InputError

MAX_SCANS = 100
MAX_PARTS = 5_000

# Within the coded data of a scan 0xff is followed by 0 or by a restart marker; 0x01 and 0xff stand alone as well.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_SCAN, _END, _START = 0xDA, 0xD9, 0xD8
_PNG = b"\x89PNG\r\n\x1a\n"


def check_parts(content: bytes) -> None:
    """InputError for a JPEG of more than MAX_SCANS scans, or a JPEG or PNG of more than MAX_PARTS parts.

    What follows the end of the picture (a phone's film, say) is not looked at, and neither are files of other kinds.
    """
    if content.startswith(b"\xff\xd8"):
        scans, parts = _jpeg_parts(content)
    elif content.startswith(_PNG):
        scans, parts = 0, _png_parts(content)
    else:
        return
    if scans > MAX_SCANS or parts > MAX_PARTS:
        raise InputError(
            "The picture is built of far too many passes or parts, as no camera or program writes it; open it in an image "
            "program, save it again as JPEG or PNG, and use that file."
        )


def _jpeg_parts(content: bytes) -> tuple[int, int]:
    """Scans and segments up to the picture's end, or up to one more than is taken.

    What stands between two segments counts, too, each byte as a segment: Pillow goes over it byte by byte.
    """
    scans = parts = 0
    at, marker = 2, _START
    while scans <= MAX_SCANS and parts <= MAX_PARTS and (found := _MARKER.search(content, at)):
        between = found.start() - at if marker != _SCAN else 0
        marker, at = content[found.end() - 1], found.end()
        if marker == _END:
            break
        parts += 1 + between
        scans += marker == _SCAN
        if marker != _START:
            at += int.from_bytes(content[at : at + 2], "big")
    return scans, parts


def _png_parts(content: bytes) -> int:
    """Chunks up to the picture's end, or up to one more than is taken."""
    parts, at = 0, len(_PNG)
    while parts <= MAX_PARTS and at + 8 <= len(content):
        parts += 1
        if content[at + 4 : at + 8] == b"IEND":
            break
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    return parts
