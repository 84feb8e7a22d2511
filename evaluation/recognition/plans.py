"""A task with everything it needs: the pictures to embed, who is in each, and which are compared in which part."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.recognition.tasks import Task
from evaluation.sets import Contents

if TYPE_CHECKING:
    from workers.engine.metrics.pair_scoring import Part

VERSION = 1  # of what is computed; a new number makes earlier tests ones that may not be compared with new ones
VERIFICATION, IDENTIFICATION = "verification", "identification"


@dataclass(frozen=True)
class PlanPart:
    """A fold: places of pictures on two sides, and of a listed pair whether it is one person (see pair_scoring.Part)."""

    name: str
    first: tuple[int, ...]
    second: tuple[int, ...]
    same: tuple[bool, ...] | None = None
    reported: bool = True

    def as_part(self) -> Part:
        from workers.engine.metrics.pair_scoring import Part

        first, second = np.array(self.first, dtype=np.int64), np.array(self.second, dtype=np.int64)
        return Part(self.name, first, second, None if self.same is None else np.array(self.same), self.reported)

    @property
    def pairs(self) -> int:
        return len(self.first) if self.same is not None else len(self.first) * len(self.second)


@dataclass(frozen=True)
class Plan:
    """Pictures are numbered through all `contents`, in order; `persons[i]` is who is in picture i.

    `kinds` says what is computed. `entries` of the published list, `served` of them by this dataset (equal for sets).
    `facts` are what a reader should know (code -> values), see words.py.
    """

    task: Task
    kinds: tuple[str, ...]
    contents: tuple[Contents, ...]
    persons: tuple[str, ...]
    parts: tuple[PlanPart, ...]
    entries: int = 0
    served: int = 0
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    scheme: str = ""

    @property
    def n(self) -> int:
        return len(self.persons)

    @property
    def digest(self) -> str:
        """SHA-256 over what is compared with what; the datasets' names, which decide who may see it, included."""
        depends = {
            "version": VERSION,
            "kinds": self.kinds,
            "sets": [[each.dataset.slug if each.dataset else "", each.digest, each.n] for each in self.contents],
            "names": hashlib.sha256(
                "\n".join(name for each in self.contents for name in each.names).encode()
            ).hexdigest(),
            "persons": hashlib.sha256("\n".join(self.persons).encode()).hexdigest(),
            "parts": [[part.name, part.first, part.second, part.same, part.reported] for part in self.parts],
        }
        return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()

    @property
    def reported(self) -> list[PlanPart]:
        return [part for part in self.parts if part.reported]

    def persons_of(self, part: PlanPart) -> set[str]:
        return {self.persons[place] for place in {*part.first, *part.second}}

    @property
    def tested(self) -> set[str]:
        """Everybody in a reported part."""
        return {person for part in self.reported for person in self.persons_of(part)}

    def pictures(self) -> list[dict[str, Any]]:
        """Of every picture: its set (by number), its name, the dataset's picture behind it, who is in it."""
        return [
            {"set": number, "name": name, "image": each.image_ids[place] if each.image_ids else None}
            for number, each in enumerate(self.contents)
            for place, name in enumerate(each.names)
        ]
