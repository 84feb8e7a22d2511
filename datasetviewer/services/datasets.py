"""Writing datasets: making, importing from the command line, publishing, removing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from workers.engine.errors import InputError

from ..layouts import load_layout
from ..models import SLUG_PATTERN, Dataset, DatasetImport
from ..storage import remove_dataset_folder
from .importing import pictures_import
from .protocols import orphan_bodies_delete
from .reports import ImportReport, Report, no_report

# Addresses below /datasets/ that are pages of their own.
RESERVED_SLUGS = frozenset({"all", "import", "imports", "new"})


def slug_check(slug: str) -> str:
    """The slug itself, or an InputError that says what one looks like."""
    if not re.fullmatch(SLUG_PATTERN, slug) or slug in RESERVED_SLUGS:
        raise InputError(
            _(
                "%(slug)s cannot be a dataset's short name: "
                "use a-z, 0-9 and dashes, at most 64 characters, and not %(reserved)s."
            )
            % {"slug": repr(slug), "reserved": ", ".join(sorted(RESERVED_SLUGS))}
        )
    return slug


def dataset_prepare(
    *,
    layout: str,
    slug: str = "",
    name: str = "",
    description: str = "",
    owner: Any = None,
    public: bool = False,
    drawn: bool = False,
) -> tuple[Dataset, bool]:
    """The dataset of that slug (default: the layout's name), made when it is not there; (dataset, whether it is new).

    One that is there keeps its name, owner and visibility, and must have been made with the same layout.
    """
    facts = load_layout(layout)
    slug = slug_check(slug or layout)
    dataset, created = Dataset.objects.get_or_create(
        slug=slug,
        defaults={
            "name": name or (facts.TITLE if slug == layout else slug),
            "layout": layout,
            "description": description,
            "terms": facts.TERMS,
            "citation": facts.CITATION,
            "public": public,
            "drawn": drawn,
            "owner": owner,
        },
    )
    if dataset.layout != layout:
        raise InputError(
            _("The dataset %(slug)s was made with the layout %(layout)s. Choose another short name for this one.")
            % {"slug": slug, "layout": dataset.layout}
        )
    return dataset, created


def dataset_import(
    *,
    layout: str,
    path: Path,
    slug: str = "",
    split_file: Path | None = None,
    owner: Any = None,
    public: bool = False,
    drawn: bool = False,
    report: Report = no_report,
) -> ImportReport:
    """Import a folder here and now, without a job: for the command line and tests. Any path that can be read will do.

    A dataset that was new and got no picture, because the folder was not what it should be, is not left behind.
    `public` publishes it once the pictures are in; leaving it out never withdraws one.
    """
    dataset, created = dataset_prepare(layout=layout, slug=slug, owner=owner, drawn=drawn)
    run = DatasetImport.objects.create(dataset=dataset, path=str(path.absolute()), layout=layout)
    try:
        result = pictures_import(run=run, path=path.absolute(), split_file=split_file, report=report)
    except InputError:
        if created and not dataset.images.exists():
            dataset.delete()
        else:
            run.delete()
        raise
    with transaction.atomic():
        DatasetImport.objects.filter(pk=run.pk).update(report=result.counts())
        if public:
            dataset_set_public(dataset=dataset, public=True)
    return result


def dataset_set_public(*, dataset: Dataset, public: bool) -> Dataset:
    """Publish a dataset or withdraw it. Who may do so is the view's to check (dataset_may_publish).

    What was made from a dataset shows the same faces: withdrawing withdraws it too, and it is published after its
    parent only (InputError).
    """
    if public and dataset.parent is not None and not dataset.parent.public:
        raise InputError(
            _("%(slug)s was made from %(parent)s, which is not public. Publish that one first, if its terms allow it.")
            % {"slug": dataset.slug, "parent": dataset.parent.slug}
        )
    dataset.public = public
    dataset.save(update_fields=["public"])
    if not public:
        Dataset.objects.filter(parent=dataset).update(public=False)
    return dataset


def dataset_remove(*, dataset: Dataset) -> None:
    """Delete the dataset with its rows, then its files. What refers to it elsewhere protects it."""
    slug = dataset.slug
    with transaction.atomic():
        dataset.delete()
        orphan_bodies_delete()
        # Rows first: files without rows are only waste, rows without files would be broken pages.
        transaction.on_commit(lambda: remove_dataset_folder(slug))
