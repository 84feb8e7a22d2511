"""Reading the specification of a set that came from outside: from JSON, or from a line of text."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from evaluation.sets.specs import (
    ALL,
    HELD_OUT,
    KEPT,
    MADE,
    MODALITIES,
    NAMED,
    PUBLISHED,
    SPLITS,
    STYLIZED,
    UPLOADED,
    CheckpointSet,
    DatasetSet,
    FolderSet,
    HeldOutSet,
    NamedSet,
    PublishedSet,
    SetSpec,
    StylizerSet,
    UploadSpec,
)
from workers.engine.errors import InputError

EXAMPLE = '{"dataset": "cufs", "split": "test", "modality": "sketch"}'
FORMS = (
    "dataset:split:modality[:source], checkpoint:ID@dataset:split[:source], stylizer:NAME@dataset:split[:source], set:name, "
    "upload:ID, published:ID"
)
CHECKPOINT_ID = re.compile(r"[0-9a-f]{12}")


def parse(value: Any, which: str) -> SetSpec:
    """A specification from outside. `which` ("reference", "candidate") begins the message of the InputError.

    Only the form is checked; whether there is such a set, and who may use it, is seen when its pictures are looked for.
    """
    if isinstance(value, SetSpec):
        return value
    if not isinstance(value, dict):
        raise InputError(_("%(which)s: a set is an object such as %(example)s.") % {"which": which, "example": EXAMPLE})
    if "image_set" in value:
        return NamedSet(**_texts(value, which, ("image_set",)))
    if "folder" in value:
        return FolderSet(**_texts(value, which, ("folder",)))
    if "upload" in value:
        return _upload(_texts(value, which, ("upload",), ("name",)), which)
    if "published" in value:
        return _published(_texts(value, which, ("published",), ("name",)), which)
    if "stylizer" in value:
        fields = _texts(value, which, ("stylizer", "dataset", "split"), ("source",), {"split": ALL})
        return StylizerSet(fields["stylizer"], fields["dataset"], _split(fields, which), _source(fields))
    if HELD_OUT in value:
        return _held_out(_texts(value, which, (HELD_OUT, "modality")), which)
    if "checkpoint" in value:
        return _made(_texts(value, which, ("checkpoint", "dataset", "split"), ("source",), {"split": ALL}), which)
    known = ("dataset", "split", "modality")
    fields = _texts(value, which, known, ("source",), {"split": ALL})
    if fields["modality"] not in MODALITIES:
        refuse(which, _("modality"), fields["modality"], MODALITIES)
    return DatasetSet(fields["dataset"], _split(fields, which), fields["modality"], _source(fields))


def _texts(
    value: dict[Any, Any],
    which: str,
    needed: tuple[str, ...],
    optional: tuple[str, ...] = (),
    defaults: dict[str, str] | None = None,
) -> dict[str, str]:
    """The entries of an object, all texts; a misspelt one is refused rather than ignored."""
    known = (*needed, *optional)
    for key in value:
        if key not in known:
            refuse(which, _("entry"), key, known)
    fields = {
        **dict.fromkeys(optional, ""),
        **(defaults or {}),
        **{key: entry for key, entry in value.items() if entry is not None},
    }
    for key in known:
        if not isinstance(fields.get(key), str) or (key in needed and not fields[key]) or "\x00" in fields[key]:
            text = _("%(which)s: %(key)s is missing or not a text. A set is an object such as %(example)s.")
            raise InputError(text % {"which": which, "key": key, "example": EXAMPLE})
    return fields


def _split(fields: dict[str, str], which: str) -> str:
    if fields["split"] not in SPLITS:
        refuse(which, _("split"), fields["split"], SPLITS)
    return fields["split"]


def _source(fields: dict[str, str]) -> str:
    return "" if fields["source"] == ALL else fields["source"]


def _made(fields: dict[str, str], which: str) -> CheckpointSet:
    if not CHECKPOINT_ID.fullmatch(fields["checkpoint"]):
        text = _("%(which)s: %(given)s is no checkpoint's number; it has 12 digits of 0-9 and a-f.")
        raise InputError(text % {"which": which, "given": repr(fields["checkpoint"])[:80]})
    split = HELD_OUT if fields["split"] == HELD_OUT else _split(fields, which)
    return CheckpointSet(fields["checkpoint"], fields["dataset"], split, _source(fields))


def _held_out(fields: dict[str, str], which: str) -> HeldOutSet:
    if fields["modality"] not in MODALITIES:
        refuse(which, _("modality"), fields["modality"], MODALITIES)
    try:
        return HeldOutSet(str(uuid.UUID(fields[HELD_OUT])), fields["modality"])
    except ValueError:
        text = _("%(which)s: %(given)s is no number of a training run; it stands in the address of its page.")
        raise InputError(text % {"which": which, "given": repr(fields[HELD_OUT])[:80]}) from None


def _upload(fields: dict[str, str], which: str) -> UploadSpec:
    try:
        return UploadSpec(str(uuid.UUID(fields["upload"])), fields["name"])
    except ValueError:
        text = _("%(which)s: %(given)s is no uploaded set's number; it is in the answer of POST uploads/.")
        raise InputError(text % {"which": which, "given": repr(fields["upload"])[:80]}) from None


def _published(fields: dict[str, str], which: str) -> PublishedSet:
    try:
        return PublishedSet(str(uuid.UUID(fields["published"])), fields["name"])
    except ValueError:
        text = _(
            "%(which)s: %(given)s is no number of published results; it is in the answer of POST published-results/."
        )
        raise InputError(text % {"which": which, "given": repr(fields["published"])[:80]}) from None


def parse_text(text: str, which: str) -> SetSpec:
    """A specification from the command line: a folder, or one of FORMS."""
    folder = Path(text).expanduser()
    if text and folder.is_dir():
        return FolderSet(str(folder.resolve()))
    if text.startswith(NAMED) and text.count(":") == 1 and text != NAMED:
        return NamedSet(text.removeprefix(NAMED))
    if text.startswith(UPLOADED) and text.count(":") == 1:
        return _upload({"upload": text.removeprefix(UPLOADED), "name": ""}, which)
    if text.startswith(PUBLISHED) and text.count(":") == 1:
        return _published({"published": text.removeprefix(PUBLISHED), "name": ""}, which)
    if text.startswith(KEPT) and text.count(":") == 2:
        run, _colon, modality = text.removeprefix(KEPT).partition(":")
        return parse({HELD_OUT: run, "modality": modality}, which)
    for start, kind in ((MADE, "checkpoint"), (STYLIZED, "stylizer")):
        if text.startswith(start):
            drawer, _at, selection = text.removeprefix(start).partition("@")
            parts = [drawer, *selection.split(":")]
            if len(parts) in (3, 4) and all(parts):
                return parse(dict(zip((kind, "dataset", "split", "source"), parts, strict=False)), which)
    parts = text.split(":")
    if text.startswith((MADE, STYLIZED)) or len(parts) not in (3, 4) or not all(parts):
        words = _("%(which)s: %(text)s is neither a folder nor %(forms)s, e.g. cufs:test:sketch.")
        raise InputError(words % {"which": which, "text": repr(text), "forms": FORMS})
    return parse(dict(zip(("dataset", "split", "modality", "source"), parts, strict=False)), which)


def refuse(which: str, what: str, value: str, known: tuple[str, ...]) -> NoReturn:
    """InputError for a name that is not there, with those that are."""
    text = _("%(which)s: there is no %(what)s %(value)s. Known: %(known)s.")
    names = ", ".join(known) or _("none")
    raise InputError(text % {"which": which, "what": what, "value": repr(value)[:80], "known": names})
