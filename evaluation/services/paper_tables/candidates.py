"""What can be a row of a paper table, and how it is named: in a form, over REST, on the command line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from evaluation.models import PublishedResults
from evaluation.paper.rows import PHOTO, Row
from evaluation.sets import (
    DatasetSet,
    PublishedSet,
    SetSpec,
    StylizerSet,
    contents,
    parse,
    parse_text,
)
from workers.engine import catalogue
from workers.engine.errors import InputError

WHICH = "candidate"
MOST_ROWS = 40
LABEL_LENGTH = 100
NAMES = "photo, pencil, checkpoint:ID, upload:ID, published:ID, dataset:split:modality"


def candidate_named(text: str, reference: DatasetSet) -> SetSpec:
    """A candidate out of its name; what names no selection of its own is applied to that of the reference.

    `photo` is the photos themselves taken for sketches, a stylizer's name or `checkpoint:ID` what these make of them.
    """
    kind, _colon, rest = text.partition(":")
    if text == PHOTO:
        return DatasetSet(reference.dataset, reference.split, PHOTO, reference.source)
    if text in catalogue.STYLIZERS or text in catalogue.SHIPPED:
        return StylizerSet(text, reference.dataset, reference.split, reference.source)
    if kind == "stylizer" and "@" not in rest:
        return StylizerSet(rest, reference.dataset, reference.split, reference.source)
    if kind == "checkpoint" and "@" not in rest:
        value = {"checkpoint": rest, "dataset": reference.dataset, "split": reference.split, "source": reference.source}
        return parse(value, WHICH)
    try:
        return parse_text(text, WHICH)
    except InputError as error:
        raise InputError(f"{error} " + _("In a table also: %(names)s.") % {"names": NAMES}) from error


def row_of(value: Any, reference: DatasetSet) -> Row:
    """A row out of a name, a set specification, or {"set": one of these, "label": text}. InputError for anything else."""
    label = ""
    if isinstance(value, dict) and "set" in value:
        if unknown := sorted(set(value) - {"set", "label"}):
            text = _("candidates: there is no entry %(key)s. Known: set, label.")
            raise InputError(text % {"key": repr(unknown[0])[:80]})
        label, value = value.get("label") or "", value["set"]
    if not isinstance(label, str) or len(label) > LABEL_LENGTH or "\0" in label:
        raise InputError(_("label: give a text of at most %(n)s characters.") % {"n": LABEL_LENGTH})
    spec = candidate_named(value.strip(), reference) if isinstance(value, str) else parse(value, WHICH)
    return Row(spec, " ".join(label.split()))


def rows_of(values: Any, reference: DatasetSet, *, user: Any, everything: bool = False) -> list[Row]:
    """The rows of a table, each set once, in the given order. InputError for none, too many, or a set that cannot be used."""
    if isinstance(values, str) or not isinstance(values, list | tuple) or not values:
        raise InputError(_("candidates: give a list with at least one of %(names)s.") % {"names": NAMES})
    if len(values) > MOST_ROWS:
        raise InputError(_("candidates: at most %(n)s in one table.") % {"n": MOST_ROWS})
    rows: dict[SetSpec, Row] = {}
    for value in values:
        row = row_of(value, reference)
        if row.spec in rows:
            continue
        found = contents(row.spec, WHICH, user=user, everything=everything)
        _check_published(found.spec, reference)
        rows[row.spec] = Row(found.spec, row.label)
    return list(rows.values())


def _check_published(spec: SetSpec, reference: DatasetSet) -> None:
    """Published results belong to the selection that they were matched with."""
    if not isinstance(spec, PublishedSet):
        return
    published = PublishedResults.objects.select_related("dataset").get(pk=spec.published)
    if (published.dataset.slug, published.split) != (reference.dataset, reference.split):
        text = _("%(name)s was matched with %(theirs)s, not with %(ours)s. Import it for these pairs as well.")
        raise InputError(text % {"name": published.name, "theirs": published.selection, "ours": reference})
