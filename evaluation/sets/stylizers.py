"""What a built-in stylizer or a shipped model makes of a selection: which there are, and where the pictures lie."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.sets.parsing import refuse
from evaluation.sets.specs import DatasetSet, StylizerSet
from workers.engine.stylizers.digests import drawer_directions, known_drawers, stylizer_digest


def selection_of(spec: StylizerSet, which: str) -> DatasetSet:
    """The pictures that it starts from; InputError naming the known ones."""
    if spec.stylizer not in (known := known_drawers()):
        refuse(which, _("stylizer"), spec.stylizer, tuple(known))
    return DatasetSet(spec.dataset, spec.split, drawer_directions(spec.stylizer)[0][0], spec.source)


def generated_folder(spec: StylizerSet) -> Path:
    """Where its pictures are kept, by the digest of the picture each was made from."""
    return (Path(settings.DATA_DIR) / "generated" / stylizer_digest(spec.stylizer)).absolute()


def generated_digest(spec: StylizerSet, sources_digest: str) -> str:
    """Stands for pictures that need not exist yet: the same code or weights and equal sources give equal pictures."""
    return hashlib.sha256(f"generated {stylizer_digest(spec.stylizer)} {sources_digest}".encode()).hexdigest()
