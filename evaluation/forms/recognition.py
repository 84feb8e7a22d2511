"""The form of a new recognition test: what is chosen, and what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from datasetviewer.models import Dataset, Modality, Split
from evaluation import selectors, sets
from evaluation.forms.set_choice import KINDS, SetChoice, choice_of, choice_read
from evaluation.forms.submission import ExtractorChoice, weights_problem
from evaluation.forms.submission import address_for as evaluation_address
from evaluation.recognition import ProtocolTask, SetsTask, Task
from evaluation.selectors.recognitions import Offered, protocols_offered, sets_written
from evaluation.set_offers import SetOffers
from workers.engine import catalogue
from workers.engine.errors import InputError

PROTOCOL, SETS = "protocol", "sets"
TITLES = {"probe": gettext_lazy("Probes"), "gallery": gettext_lazy("Gallery")}
HELP = {"probe": gettext_lazy("who is this?"), "gallery": gettext_lazy("the known persons")}
START = {
    "probe": {"split": "test", "modality": "sketch"},
    "gallery": {"split": "test", "modality": "photo"},
}
RECOGNISERS = ("dlib", "edgeface", "sphereface", "vggface")  # families that tell persons apart
NLDA = "nlda"
MOST = 16  # recognisers in one submission


@dataclass(frozen=True)
class Side:
    """Probes or gallery as chosen: how many pictures, or why they cannot be used."""

    name: str
    title: str
    help: str
    choice: SetChoice
    label: str = ""
    count: int | None = None
    problem: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        return self.choice.parts


class RecognitionForm:
    """Reads a submission out of an address or a sent form. Nothing in it is trusted; problems become sentences."""

    def __init__(self, data: QueryDict, user: Any, *, several: bool = False) -> None:
        """`several`: it begins with every recogniser ticked, not with the first."""
        self.user = user
        self.several = several
        first = {"dataset": self.datasets[0][0].slug if self.datasets else ""}
        self.chosen = {side: choice_read(side, data, {**first, **START[side]}) for side in TITLES}
        self.protocol = data.get("protocol", "")
        self.what = data.get("what", "")
        if self.what not in (PROTOCOL, SETS):
            given = any(data.get(f"{side}_{part}") for side in TITLES for part in ("dataset", "checkpoint", "upload"))
            self.what = PROTOCOL if self.offered and not given else SETS
        asked = [name for name in data.getlist("extractor") if name]
        asked += [name.strip() for name in data.get("more", "").split(",") if name.strip()]
        self.more = data.get("more", "")
        self.asked = list(dict.fromkeys(asked))

    @cached_property
    def offered(self) -> list[Offered]:
        return protocols_offered(self.user)

    @cached_property
    def datasets(self) -> list[tuple[Dataset, list[str]]]:
        return selectors.sources_by_dataset(self.user)

    @cached_property
    def offers(self) -> SetOffers:
        return SetOffers(self.user)

    @property
    def has_sources(self) -> bool:
        return any(sources for _dataset, sources in self.datasets)

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        return list(KINDS.items())

    @property
    def suggestions(self) -> list[str]:
        """The parts of the datasets as sets are written, for who writes one."""
        return sets_written(self.user)

    @property
    def splits(self) -> list[tuple[str, str]]:
        return [(sets.ALL, _("all")), *[(value, str(label)) for value, label in Split.choices if value]]

    @property
    def modalities(self) -> list[tuple[str, Any]]:
        return list(Modality.choices)

    @cached_property
    def extractors(self) -> list[ExtractorChoice]:
        """Those of the table, the ones made for faces first."""
        entries = sorted(catalogue.EXTRACTORS.values(), key=lambda entry: not is_recogniser(entry.name))
        return [ExtractorChoice(entry, weights_problem(entry.name)) for entry in entries]

    @property
    def recognisers(self) -> list[ExtractorChoice]:
        return [choice for choice in self.extractors if is_recogniser(choice.entry.name) and not choice.problem]

    @property
    def other_networks(self) -> list[ExtractorChoice]:
        return [choice for choice in self.extractors if not is_recogniser(choice.entry.name) and not choice.problem]

    @property
    def missing(self) -> list[ExtractorChoice]:
        return [choice for choice in self.extractors if is_recogniser(choice.entry.name) and choice.problem]

    @property
    def used(self) -> list[str]:
        """The recognisers asked for, or the first that can be used, or all of them."""
        names = [choice.entry.name for choice in self.recognisers]
        return self.asked or (names if self.several else names[:1])

    @cached_property
    def sides(self) -> list[Side]:
        return [self._side(name) for name in TITLES]

    def _side(self, name: str) -> Side:
        side = Side(name, str(TITLES[name]), str(HELP[name]), self.chosen[name])
        try:
            found = sets.outline(self.chosen[name].spec(), name, user=self.user)
        except InputError as error:
            return replace(side, problem=str(error))
        problem = "" if found.n > 1 else sets.too_few(found.spec, name, found.dataset, found.n)
        return replace(side, label=sets.label(found.spec), count=found.n, problem=problem)

    def task(self) -> Task:
        """What is chosen; InputError when it is nothing that can be named."""
        if self.what == PROTOCOL:
            dataset, _colon, name = self.protocol.partition(":")
            if not dataset or not name:
                raise InputError(_("Choose the protocol to test by."))
            return ProtocolTask(dataset, name)
        return SetsTask(self.chosen["probe"].spec(), self.chosen["gallery"].spec())

    def names(self) -> list[str]:
        """The recognisers; InputError for none and for too many."""
        if not self.asked:
            raise InputError(_("Choose at least one recogniser."))
        if len(self.asked) > MOST:
            raise InputError(_("Choose at most %(most)s recognisers at once.") % {"most": MOST})
        return self.asked

    @property
    def nlda_address(self) -> str:
        """Where NLDA is measured: of the sets that are chosen, where they are sets."""
        if self.what == PROTOCOL:
            return evaluation_address([], "", [NLDA])
        return nlda_of(self.chosen["probe"], self.chosen["gallery"])

    @staticmethod
    def nlda_address_of(task: dict[str, Any]) -> str:
        """Where NLDA is measured of the sets of a test; "" for a protocol, whose pictures are no pairs."""
        if "protocol" in task:
            return ""
        return nlda_of(*(choice_of(side, task[side]) for side in TITLES))

    @property
    def address(self) -> str:
        """The page of the form with everything that is chosen."""
        return address_for(self.what, self.protocol, list(self.chosen.values()), self.asked)

    @staticmethod
    def address_of(task: dict[str, Any], extractors: list[str]) -> str:
        """The form filled in as it was for a test."""
        if "protocol" in task:
            return address_for(PROTOCOL, f"{task['dataset']}:{task['protocol']}", [], extractors)
        choices = [choice_of(side, task[side]) for side in TITLES]
        return address_for(SETS, "", choices, extractors)


def address_for(what: str, protocol: str, choices: list[SetChoice], extractors: list[str]) -> str:
    query = QueryDict(mutable=True)
    query["what"] = what
    if what == PROTOCOL:
        query["protocol"] = protocol
    else:
        for choice in choices:
            query.update(choice.address_parts())
    known = [name for name in extractors if name in catalogue.EXTRACTORS]
    query.setlist("extractor", known)
    if more := [name for name in extractors if name not in known]:
        query["more"] = ", ".join(more)
    return f"{reverse('evaluation:recognition-new')}?{query.urlencode()}"


def nlda_of(probe: SetChoice, gallery: SetChoice) -> str:
    """The form of an evaluation by NLDA, whose reference are the probes and whose candidate is the gallery."""
    sides = [replace(probe, side="reference"), replace(gallery, side="candidate")]
    return evaluation_address(sides, "", [NLDA])


def is_recogniser(name: str) -> bool:
    return name.partition(".")[0] in RECOGNISERS
