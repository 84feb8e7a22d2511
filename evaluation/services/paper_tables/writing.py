"""Writing paper tables: making, changing, copying and deleting them. Their numbers are measured elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset
from datasetviewer.selectors import dataset_visible_to
from evaluation.models import PaperTable
from evaluation.paper.columns import PaperColumn, columns_of, default_columns
from evaluation.paper.rows import Row
from evaluation.services.paper_tables.candidates import rows_of
from evaluation.sets import DatasetSet, contents, from_json, parse, parse_text, to_json
from workers.engine.errors import InputError

MOST_TABLES = 200  # of one person
NAME_LENGTH = 100


def table_create(
    *, user: Any, name: str, reference: Any, candidates: Any, columns: Any = None, everything: bool = False
) -> PaperTable:
    """A new table, not measured yet. `columns` None: those that papers of the field report.

    InputError for unknown names and sets, and for a reference that is no selection of a dataset.
    """
    if user is not None and user.is_authenticated and PaperTable.objects.filter(owner=user).count() >= MOST_TABLES:
        raise InputError(_("You have %(n)s tables; delete one first.") % {"n": MOST_TABLES})
    spec = reference_checked(reference, user=user, everything=everything)
    rows = rows_of(candidates, spec, user=user, everything=everything)
    chosen = default_columns() if columns is None else columns_of(columns)
    return PaperTable.objects.create(
        name=name_checked(name) or str(spec),
        dataset=Dataset.objects.get(slug=spec.dataset),
        reference=to_json(spec),
        rows=[row.to_json() for row in rows],
        columns=[column.to_json() for column in chosen],
        owner=user if user is not None and user.is_authenticated else None,
    )


def reference_checked(value: Any, *, user: Any, everything: bool = False) -> DatasetSet:
    """The real pictures that a table measures against. InputError unless it is a selection of a dataset that has some."""
    spec = parse_text(value, "reference") if isinstance(value, str) else parse(value, "reference")
    if not isinstance(spec, DatasetSet):
        raise InputError(_("reference: a table is measured against a selection of a dataset, e.g. cufs:test:sketch."))
    contents(spec, "reference", user=user, everything=everything)
    return spec


def name_checked(name: Any) -> str:
    """The name without stray characters. InputError when it is no text or too long."""
    if not isinstance(name, str):
        raise InputError(_("name: give a text."))
    plain = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in name).split())
    if len(plain) > NAME_LENGTH:
        raise InputError(_("name: at most %(n)s characters.") % {"n": NAME_LENGTH})
    return plain


def table_change(
    *,
    user: Any,
    table: PaperTable,
    name: Any = None,
    public: Any = None,
    candidates: Any = None,
    columns: Any = None,
    everything: bool = False,
) -> None:
    """Change what is given; None leaves it. Numbers of rows and columns that stay are kept. InputError as table_create."""
    if name is not None:
        if not (plain := name_checked(name)):
            raise InputError(_("name: give the table a name."))
        table.name = plain
    if public is not None:
        if not isinstance(public, bool):
            raise InputError(_("public: give true or false."))
        if public and not table.dataset.public:
            text = _(
                "The pictures of %(dataset)s are for signed-in users only, so its numbers are. Publish the dataset first."
            )
            raise InputError(text % {"dataset": table.dataset})
        table.public = public
    if candidates is not None:
        spec = from_json(table.reference)
        assert isinstance(spec, DatasetSet)  # as it was checked when it was made
        table.rows = [row.to_json() for row in _rows_changed(table, candidates, spec, user, everything)]
    if columns is not None:
        table.columns = [column.to_json() for column in columns_of(columns)]
    table.save()


def _rows_changed(table: PaperTable, candidates: Any, spec: DatasetSet, user: Any, everything: bool) -> list[Row]:
    """The new rows; one that stays keeps the name somebody gave it, unless it is given another."""
    names = {str(from_json(row["set"])): row["label"] for row in table.rows}
    rows = rows_of(candidates, spec, user=user, everything=everything)
    return [Row(row.spec, row.label or names.get(str(row.spec), "")) for row in rows]


def table_duplicate(*, user: Any, table: PaperTable) -> PaperTable:
    """The same choices and numbers as a table of this person's own. It is not public."""
    if PaperTable.objects.filter(owner=user).count() >= MOST_TABLES:
        raise InputError(_("You have %(n)s tables; delete one first.") % {"n": MOST_TABLES})
    if not dataset_visible_to(user).filter(pk=table.dataset_id).exists():
        raise InputError(_("You may not see the dataset of this table."))
    name = _("%(name)s (copy)") % {"name": table.name[: NAME_LENGTH - 20]}
    with transaction.atomic():
        copy = PaperTable.objects.create(
            name=name, dataset=table.dataset, reference=table.reference, rows=table.rows, columns=table.columns,
            problems=table.problems, owner=user,
        )  # fmt: skip
        copy.evaluations.set(table.evaluations.all())
    return copy


def table_delete(*, table: PaperTable) -> None:
    """The table goes; evaluations and their numbers stay."""
    table.delete()


def columns_stored(table: PaperTable) -> Sequence[PaperColumn]:
    return [PaperColumn(**column) for column in table.columns]
