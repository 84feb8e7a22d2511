"""Writing the rows of this app. Each file has one concept; import from here."""

from evaluation.services.evaluations import (
    evaluation_cancel,
    evaluation_submit,
    results_write,
    submission_digest,
    too_few_for,
)

__all__ = ["evaluation_cancel", "evaluation_submit", "results_write", "submission_digest", "too_few_for"]
