"""What is done with finished sketches when nobody waits for a drawing: the quality report, the smaller faces of the photo,
and packing the files."""

from __future__ import annotations

import logging
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db.models import QuerySet
from PIL import Image

from workers.engine.png_files import pack_png
from workers.models import QueueName
from workers.queue import ready

from ..choosing import all_found
from ..models import Stylization
from .drawing import Posed

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Finished:
    stylization: Stylization
    photo: Image.Image
    posed: Posed
    sketch: Image.Image


# What waits in this process. Looks hold their photo; in a rush that lasts, the oldest go without when they hold too much.
_looks: deque[tuple[int, Callable[[], None]]] = deque()
_packs: deque[Callable[[], None]] = deque()
MOST_HELD = 384 * 2**20  # bytes; a photo has 12 MiB at most


def look_later(stylization: Stylization, photo: Image.Image, posed: Posed, sketch: Image.Image) -> None:
    """Look at a sketch and its photo again when there is time; `photo` is RGB as it was read."""
    one = _Finished(stylization, photo, posed, sketch)
    held = photo.width * photo.height * 3 // 2  # by each of its two looks
    _looks.extend((held, partial(part, one)) for part in (_judge, _find_all))
    while sum(size for size, _look in _looks) > MOST_HELD:
        _looks.popleft()
    pack_later(stylization)


def pack_later(stylization: Stylization) -> None:
    """Compress what was stored as it was; also of photos of which there is no sketch."""
    _packs.append(partial(_pack, stylization))


def look_at_waiting() -> None:
    """Do it until somebody waits for a drawing. A fault in one costs no sketch."""
    while (_looks or _packs) and not ready(QueueName.INTERACTIVE).filter(priority__gte=0).exists():
        part = _looks.popleft()[1] if _looks else _packs.popleft()
        try:
            part()
        except Exception:
            log.exception("looking at a finished sketch again: %s", part)


def _row(stylization: Stylization) -> QuerySet[Stylization]:
    return Stylization.objects.filter(id=stylization.id, removed=None)


def _judge(one: _Finished, faces: int = 0) -> None:
    from workers.engine.quality import quality_report

    posed = one.posed
    faces = faces or max(1, len(posed.chosen.found))
    sketch = one.sketch.convert("RGB")
    report = quality_report(one.photo, posed.face, posed.aligned, sketch, settings.WEIGHTS_DIR, faces=faces)
    _row(one.stylization).update(quality=report)


def _find_all(one: _Finished) -> None:
    if one.posed.chosen.complete:
        return
    found = all_found(one.photo)
    _row(one.stylization).update(found=found)
    if len(found) > len(one.posed.chosen.found):
        _judge(one, len(found))


def _pack(stylization: Stylization) -> None:
    for name in ("sketch", "photo"):
        pack_png(stylization.file(name), level=1)
    if not _row(stylization).exists():  # deleted while its files were being packed
        shutil.rmtree(stylization.folder, ignore_errors=True)
