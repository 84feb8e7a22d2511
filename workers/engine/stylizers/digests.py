"""What draws without a training run: built-in stylizers and shipped models, and what their drawings depend on.

Loads neither torch nor scipy.
"""

import functools
import hashlib
import importlib.util
from pathlib import Path

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.shipped.shelf import meta_on_shelf


def known_drawers() -> list[str]:
    """Names of the stylizers, and of the shipped models whose files are here."""
    return [*catalogue.STYLIZERS, *(name for name, each in catalogue.SHIPPED.items() if meta_on_shelf(each))]


def drawer_directions(name: str) -> tuple[tuple[str, str], ...]:
    """The (from, to) pairs of modalities of a stylizer or shipped model; InputError listing the known names."""
    if name in catalogue.SHIPPED:
        return catalogue.SHIPPED[name].directions
    return catalogue.stylizer(name).directions


def stylizer_digest(name: str) -> str:
    """64 hex digits that stand for the code of a stylizer or the weights of a shipped model: other ones draw other pictures,
    and must never be taken for these. InputError for an unknown name, and for a shipped model whose files are not here."""
    if name not in catalogue.SHIPPED:
        return _code_digest(catalogue.stylizer(name).module, name)
    meta = meta_on_shelf(catalogue.SHIPPED[name])
    if meta is None:
        raise InputError(f"The files of the shipped model {name} are not here. Known: {', '.join(known_drawers())}.")
    return meta.digest


@functools.lru_cache(maxsize=64)  # the code of a running process does not change
def _code_digest(module: str, name: str) -> str:
    """Of the stylizer's file and of those beside it, which it may use."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise InputError(f"The stylizer {name} has no code here ({module}).")
    digest = hashlib.sha256(f"stylizer {name}".encode())
    for file in sorted(Path(found.origin).parent.glob("*.py")):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
