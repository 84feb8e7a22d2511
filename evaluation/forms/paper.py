"""The form of a paper table: what is chosen, and what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Modality, Split
from evaluation import selectors, sets
from evaluation.models import Checkpoint, PaperTable, PublishedResults
from evaluation.paper.columns import PaperColumn, column_problem, default_columns, offered_columns
from evaluation.paper.rows import PHOTO, Row, row_from
from evaluation.selectors.paper_tables import published_visible_to
from evaluation.set_offers import SetOffers
from evaluation.sets import CheckpointSet, DatasetSet, PublishedSet, StylizerSet, UploadSpec, from_json
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.stylizers.digests import known_drawers

LONGEST = 200  # published results in the list


@dataclass(frozen=True)
class Offer:
    """A tick box: its value, what it says, and whether it is ticked."""

    value: str
    title: str
    chosen: bool
    note: str = ""


class PaperForm:
    """Reads the choices out of an address or a sent form. Nothing in it is trusted; problems become sentences.

    With a `table` and an empty address, its choices stand in the fields.
    """

    def __init__(self, data: QueryDict, user: Any, table: PaperTable | None = None) -> None:
        self.user, self.table = user, table
        sent = "dataset" in data
        if table is not None:
            reference = from_json(table.reference)
            assert isinstance(reference, DatasetSet)
            self.dataset, self.split, self.modality = reference.dataset, reference.split, reference.modality
            self.source = reference.source
        else:
            self.dataset = data.get("dataset") or (self.datasets[0][0].slug if self.datasets else "")
            self.split = data.get("split") or Split.TEST.value
            self.modality = data.get("modality") or Modality.SKETCH.value
            self.source = data.get("source", "")
        self.name = data.get("name", table.name if table else "")
        if table is not None and not sent:
            rows = [row_from(row) for row in table.rows]
            named = [(self._short(row), row) for row in rows]
            self.candidates = [name for name, row in named if name in self._ticks and not row.label]
            self.others = "\n".join(self._line(row) for name, row in named if name not in self.candidates)
            self.columns = [str(PaperColumn(**column)) for column in table.columns]
            self.more_columns = ""
        else:
            self.candidates = data.getlist("candidate") or ([] if sent else [PHOTO, *known_drawers()])
            self.others = data.get("others", "")
            self.columns = data.getlist("column") or ([] if sent else [str(column) for column in default_columns()])
            self.more_columns = data.get("more_columns", "")

    def _short(self, row: Row) -> str:
        """The value of the tick box that stands for a row; its full form when there is none."""
        spec = row.spec
        here = (self.dataset, self.split, self.source)
        if (
            isinstance(spec, CheckpointSet | StylizerSet | DatasetSet)
            and (spec.dataset, spec.split, spec.source) == here
        ):
            if isinstance(spec, StylizerSet):
                return spec.stylizer
            if isinstance(spec, CheckpointSet):
                return f"checkpoint:{spec.checkpoint}"
            if spec.modality == PHOTO:
                return PHOTO
        return str(spec)

    @cached_property
    def _ticks(self) -> set[str]:
        groups = (self.baselines, self.checkpoints, self.uploads, self.published)
        return {offer.value for group in groups for offer in group}

    def _line(self, row: Row) -> str:
        return f"{self._short(row)} = {row.label}" if row.label else self._short(row)

    @cached_property
    def datasets(self) -> list[tuple[Dataset, list[str]]]:
        return selectors.sources_by_dataset(self.user)

    @property
    def splits(self) -> list[tuple[str, str]]:
        labels = {value: str(label) for value, label in Split.choices} | {sets.ALL: _("all")}
        return [(name, labels.get(name, name)) for name in sets.SPLITS]

    @property
    def modalities(self) -> list[tuple[str, Any]]:
        return [(value, label) for value, label in Modality.choices if value != PHOTO]

    @cached_property
    def offers(self) -> SetOffers:
        return SetOffers(self.user)

    def _offer(self, value: str, title: str, note: str = "") -> Offer:
        return Offer(value, title, value in getattr(self, "candidates", ()), note)

    @property
    def baselines(self) -> list[Offer]:
        photo = self._offer(PHOTO, _("Photo as sketch"), _("the photos themselves: what doing nothing reaches"))
        drawers = [(catalogue.STYLIZERS | catalogue.SHIPPED)[name] for name in known_drawers()]
        return [photo, *(self._offer(each.name, _(each.title), _(each.note)) for each in drawers)]

    @property
    def checkpoints(self) -> list[Offer]:
        def offer(checkpoint: Checkpoint) -> Offer:
            start, end = checkpoint.direction
            return self._offer(f"checkpoint:{checkpoint.pk}", str(checkpoint), f"{start} → {end}, {checkpoint.pk}")

        return [offer(checkpoint) for checkpoint in self.offers.checkpoints]

    @property
    def uploads(self) -> list[Offer]:
        return [self._offer(str(UploadSpec(str(one.pk))), one.name, f"{one.n}") for one in self.offers.uploads]

    @property
    def published(self) -> list[Offer]:
        def offer(one: PublishedResults) -> Offer:
            return self._offer(str(PublishedSet(str(one.pk))), one.name, f"{one.selection}, {one.n}/{one.n_pairs}")

        return [offer(one) for one in published_visible_to(self.user)[:LONGEST]]

    @property
    def column_offers(self) -> list[tuple[PaperColumn, bool]]:
        """Those that can be computed here, and whether each is chosen."""
        chosen = [PaperColumn(*name.partition(":")[::2]) for name in self.columns]
        more = [column for column in chosen if column.metric in catalogue.METRICS]
        listed = [column for column in offered_columns() if not column_problem(column) or column in more]
        return [(column, column in more) for column in dict.fromkeys([*listed, *more])]

    @property
    def missing_columns(self) -> list[tuple[PaperColumn, str]]:
        """Those whose weights are not here, and what brings them."""
        return [(column, problem) for column in offered_columns() if (problem := column_problem(column))]

    @property
    def address(self) -> str:
        """The address of the form with these choices in it."""
        query = {
            "name": self.name, "dataset": self.dataset, "split": self.split, "modality": self.modality, "source": self.source,
            "candidate": self.candidates, "others": self.others, "column": self.columns, "more_columns": self.more_columns,
        }  # fmt: skip
        where = (
            reverse("evaluation:table-edit", args=[self.table.pk]) if self.table else reverse("evaluation:table-list")
        )
        return f"{where}?{urlencode({key: value for key, value in query.items() if value}, doseq=True)}#new"

    @property
    def reference(self) -> dict[str, str]:
        return {"dataset": self.dataset, "split": self.split, "modality": self.modality, "source": self.source}

    def check(self) -> None:
        """Raise InputError, in the words of the page, when nothing would be measured."""
        if not self.chosen_candidates:
            raise InputError(_("Tick at least one row: what is to be compared."))
        if not self.chosen_columns:
            raise InputError(_("Tick at least one column: what is to be measured."))

    @property
    def chosen_candidates(self) -> list[Any]:
        """As services.paper_tables takes them: the ticked ones, then a line each of the others ("SPEC = name")."""
        found: list[Any] = list(self.candidates)
        for line in self.others.splitlines():
            spec, _equals, label = line.partition(" = ")
            if spec.strip():
                found.append({"set": spec.strip(), "label": label.strip()})
        return found

    @property
    def chosen_columns(self) -> list[str]:
        return [*self.columns, *self.more_columns.replace(",", " ").split()]
