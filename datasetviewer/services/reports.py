"""What an import did, as data for the row, the command line and the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..layouts import Problem

# report(done, total, text): called after each picture; raises to stop the import.
Report = Callable[[int, int, str], None]


PLURALS = {"photo": "photos", "sketch": "sketches", "caricature": "caricatures"}


def no_report(done: int, total: int, text: str) -> None:
    """For callers who do not watch."""


@dataclass(frozen=True)
class ImportReport:
    """Result of one import: what the dataset holds now, what came in, and what the complete one holds (`official`)."""

    dataset: str
    layout: str
    path: str
    images: int
    pairs: int
    subjects: int
    added: int
    present: int
    updated: int
    restored: int
    skipped: int
    problems: tuple[Problem, ...]
    by_source: dict[str, dict[str, int]]
    by_split: dict[str, int]
    by_modality: dict[str, int]
    official: dict[str, int]
    seconds: float

    @property
    def differences(self) -> dict[str, int]:
        """What is missing (negative) or too much, by the names of the official counts; empty when all is there."""
        here = {"images": self.images, "pairs": self.pairs, "subjects": self.subjects}
        here |= {PLURALS[modality]: count for modality, count in self.by_modality.items()}
        here |= {source: counts["pairs"] for source, counts in self.by_source.items()}
        return {name: here.get(name, 0) - count for name, count in self.official.items() if here.get(name, 0) != count}

    def counts(self) -> dict[str, Any]:
        """For the import's row: everything but the files, which have rows of their own."""
        whole = self.as_dict()
        del whole["problems"], whole["path"]
        return whole

    def as_dict(self) -> dict[str, Any]:
        """For JSON: --json."""
        return asdict(self) | {
            "problems": [asdict(problem) for problem in self.problems],
            "differences": self.differences,
        }

    def headline(self) -> str:
        """One sentence: what came in."""
        counts = {"added": self.added, "present": self.present, "skipped": self.skipped}
        if not self.added:
            text = _("Nothing new: all %(present)s pictures were already there.") % counts
        else:
            text = _("%(added)s pictures added, %(present)s already there.") % counts
        return text + (" " + _("%(skipped)s files were left out.") % counts if self.skipped else "")
