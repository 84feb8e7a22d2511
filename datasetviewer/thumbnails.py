"""The <img> of a thumbnail, as pages write it by the hundred."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .models import Image, Modality
from .pictures import thumbnail_size

SHARP = 320  # the size that dense screens take in place of 160


class Thumbnails:
    """Thumbnails of one dataset: its addresses and words are looked up once, not once for each picture."""

    def __init__(self, slug: str, size: int = 160) -> None:
        self.slug = slug
        self.size = size

    def address(self, image: Image) -> str:
        """Address of the thumbnail; it carries the digest's beginning, so that caches never show another picture."""
        return self._addressed(self._parts, image)

    def markup(self, image: Image, name: str, *, eager: bool = False) -> SafeString:
        """An <img> of at most `size` pixels, the small one sharp on dense screens, loaded when it comes into view.

        name  of the person, for the text instead of the picture
        """
        width, height = thumbnail_size(image.width, image.height, self.size)
        address = self.address(image)
        sharp = f' srcset="{address} 1x, {self._addressed(self._sharp_parts, image)} 2x"' if self.size < SHARP else ""
        lazy = "" if eager else ' loading="lazy"'
        modality = self._modalities.get(image.modality, image.modality)
        words = escape(self._words % {"modality": modality, "subject": name})
        # The words are escaped, the rest is numbers, a slug and hexadecimal digits.
        return mark_safe(
            f'<img src="{address}"{sharp} width="{width}" height="{height}" alt="{words}"{lazy} decoding="async">'
        )

    @staticmethod
    def _addressed(parts: tuple[str, str], image: Image) -> str:
        return f"{parts[0]}{image.pk}{parts[1]}{image.sha256[:12]}"

    @cached_property
    def _parts(self) -> tuple[str, str]:
        return self._parts_of(self.size)

    @cached_property
    def _sharp_parts(self) -> tuple[str, str]:
        return self._parts_of(SHARP)

    def _parts_of(self, size: int) -> tuple[str, str]:
        """What stands before and after the picture's number in the address."""
        before, _zero, after = reverse("datasetviewer:image-thumbnail", args=[self.slug, 0, size]).rpartition("/0/")
        return escape(f"{before}/"), escape(f"/{after}?v=")

    @cached_property
    def _words(self) -> str:
        return _("%(modality)s of %(subject)s")

    @cached_property
    def _modalities(self) -> dict[str, str]:
        return {modality.value: str(modality.label) for modality in Modality}
