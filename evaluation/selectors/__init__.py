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
from evaluation.selectors.losses import losses_of
from evaluation.selectors.trainings import (
    CHECKPOINT_ID,
    checkpoint_get,
    checkpoints_usable_by,
    checkpoints_visible_to,
    log_tail,
    preflight_get,
    sample_names,
    sample_path,
    training_get,
    training_managed_by,
    trainings_visible_to,
    validation_faces,
    with_checkpoints,
)

__all__ = [
    "CHECKPOINT_ID",
    "ProtocolGroup",
    "checkpoint_get",
    "checkpoints_usable_by",
    "checkpoints_visible_to",
    "evaluation_get",
    "evaluations_visible_to",
    "log_tail",
    "losses_of",
    "preflight_get",
    "protocol_groups",
    "protocols_of",
    "results_visible_to",
    "sample_names",
    "sample_path",
    "sources_by_dataset",
    "training_get",
    "training_managed_by",
    "trainings_visible_to",
    "validation_faces",
    "with_checkpoints",
]
