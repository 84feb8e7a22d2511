"""What the numbers of a test are called, and what to know before trusting them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from evaluation.models.results import Caution, warning_text


class Label(models.TextChoices):
    """Whether the recogniser may have seen the persons that it is tested on."""

    UNSEEN = "unseen", _("persons not seen here")
    LEAKY = "leaky", _("leaky: trained on some of the persons")
    PER_FOLD = "per-fold", _("retrained for each fold")


LABELS = {
    Label.UNSEEN: gettext_noop(
        "No network of this workbench was trained on the persons tested. Of published weights only the publisher knows."
    ),
    Label.LEAKY: gettext_noop(
        "The recogniser was trained on persons that it is tested on, so the numbers are too good. Retrain it for each fold."
    ),
    Label.PER_FOLD: gettext_noop("Each fold was tested with a recogniser that was trained without the fold's persons."),
}

# In the order in which tables show them.
MEASURES = {
    "rank1": gettext_noop("Rank-1"),
    "rank5": gettext_noop("Rank-5"),
    "rank10": gettext_noop("Rank-10"),
    "dir@0.01": gettext_noop("Open set, rank-1 at FAR 1 %"),
    "dir@0.1": gettext_noop("Open set, rank-1 at FAR 10 %"),
    "vr@0.001": gettext_noop("VR at FAR 0.1 %"),
    "vr@0.01": gettext_noop("VR at FAR 1 %"),
    "auc": gettext_noop("AUC"),
    "accuracy": gettext_noop("Accuracy"),
}

FACTS = {
    "few_negatives": gettext_noop(
        "%(measure)s cannot be measured in %(parts)s of %(of)s parts: with %(n)s cases of different persons less than one may be "
        "accepted, so the rate shown there is that of FAR 0."
    ),
    "not_found": gettext_noop(
        "%(count)s of %(n)s pictures (%(examples)s) have no features: %(reason)s. They count as rejected and as not "
        "recognised."
    ),
    "not_served": gettext_noop(
        "The dataset has the pictures of %(served)s of the %(entries)s entries of the protocol; the others are left out, so the "
        "numbers are not those of the complete list."
    ),
    "view1": gettext_noop(
        "These pictures are for tuning and choosing. Report the numbers of view 2, or of the test part."
    ),
    "open_set": gettext_noop("%(unknown)s of the %(n)s probes are of nobody in the gallery: rank-k counts the others."),
    "same_pictures": gettext_noop("%(count)s pictures stand in both sets; each finds itself."),
    "too_many_pairs": gettext_noop(
        "There are %(pairs)s pairs, more than the %(most)s of which rates are computed; the identification stands alone."
    ),
    "shared_persons": gettext_noop(
        "%(count)s persons are in both the pictures chosen by and the test: the number of the test is too good."
    ),
}


def measure_title(measure: str) -> str:
    return gettext(MEASURES.get(measure, measure))


def caution_of(entry: dict[str, Any]) -> Caution:
    """A stored fact ({"code", "values"}) as a sentence in the active language: one of FACTS, or a warning of results."""
    code, values = entry["code"], entry["values"]
    if code not in FACTS:
        return warning_text(entry)
    shown = {name: measure_title(str(value)) if name == "measure" else value for name, value in values.items()}
    return Caution(code, gettext(FACTS[code]) % shown)
