"""What a test of recognition gives, in the form in which it is kept: numbers, curves, and the pictures behind the errors."""

from dataclasses import dataclass, field

from workers.engine.metrics.mean_roc import MeanRoc


@dataclass(frozen=True)
class Value:
    """A number (0 to 1) of one part, or with part "" of the whole: the mean over parts with its `deviation`.

    `low` and `high` are the ends of the 95 % interval over probes, where there is one part alone. `details` hold what
    belongs to it: threshold, accepted, negatives, known, persons ...
    """

    measure: str
    value: float
    part: str = ""
    deviation: float | None = None
    low: float | None = None
    high: float | None = None
    details: dict[str, float | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True)
class HardPair:
    """A pair by the places of its pictures; `wrong`: decided wrongly at the threshold of FAR 1 % of its part."""

    first: int
    second: int
    score: float
    part: str
    wrong: bool


@dataclass(frozen=True)
class Mistake:
    """A probe whose nearest gallery picture `taken` is of somebody else; `own` is the nearest of its own person.

    Distances as the extractor compares (1 - cosine, or Euclidean); `own_distance` is None when no picture of the person
    has features.
    """

    probe: int
    taken: int
    own: int
    rank: int
    own_distance: float | None
    other_distance: float
    part: str


@dataclass(frozen=True)
class Outcome:
    """Everything a test gives; empty lists and None for what its kind does not have."""

    values: list[Value]
    roc: MeanRoc | None = None
    cmc: list[float] = field(default_factory=list)
    cmc_deviation: list[float] = field(default_factory=list)
    false_accepts: list[HardPair] = field(default_factory=list)
    false_rejects: list[HardPair] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
