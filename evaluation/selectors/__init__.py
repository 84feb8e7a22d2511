"""Reading the rows of this app. Each file has one concept; import from here."""

from evaluation.selectors.evaluations import (
    ProtocolGroup,
    evaluation_get,
    evaluations_visible_to,
    protocol_groups,
    protocols_of,
    results_visible_to,
    sources_by_dataset,
)

__all__ = [
    "ProtocolGroup",
    "evaluation_get",
    "evaluations_visible_to",
    "protocol_groups",
    "protocols_of",
    "results_visible_to",
    "sources_by_dataset",
]
