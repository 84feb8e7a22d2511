"""Writing the rows of this app. Each file has one concept; import from here."""

from evaluation.services.checkpoints import (
    checkpoint_delete,
    checkpoint_register,
    checkpoint_restore,
    checkpoint_update,
    checkpoints_expire,
)
from evaluation.services.evaluations import (
    evaluation_cancel,
    evaluation_submit,
    metrics_checked,
    results_write,
    submission_digest,
    too_few_for,
)
from evaluation.services.incoming import (
    PicturesUpload,
    incoming_check,
    incoming_too_large,
    incoming_too_large_text,
    incoming_too_many_text,
    upload_limits,
)
from evaluation.services.paired import extractor_checked, pair_values_write, pairs_checked, weights_used
from evaluation.services.recompute import protocol_lost, result_recompute
from evaluation.services.shards import features_expire
from evaluation.services.trainings import (
    preflight_submit,
    training_cancel,
    training_figures,
    training_resume,
    training_submit,
    training_wish,
)
from evaluation.services.uploads import UploadInUse, upload_create, upload_delete, uploads_expire

__all__ = [
    "PicturesUpload",
    "UploadInUse",
    "checkpoint_delete",
    "checkpoint_register",
    "checkpoint_restore",
    "checkpoint_update",
    "checkpoints_expire",
    "evaluation_cancel",
    "evaluation_submit",
    "extractor_checked",
    "features_expire",
    "incoming_check",
    "incoming_too_large",
    "incoming_too_large_text",
    "incoming_too_many_text",
    "metrics_checked",
    "pair_values_write",
    "pairs_checked",
    "preflight_submit",
    "protocol_lost",
    "result_recompute",
    "results_write",
    "submission_digest",
    "too_few_for",
    "training_cancel",
    "training_figures",
    "training_resume",
    "training_submit",
    "training_wish",
    "upload_create",
    "upload_delete",
    "upload_limits",
    "uploads_expire",
    "weights_used",
]
