"""What the workers do for this app: the handlers that jobs name by dotted path."""

from evaluation.jobs.evaluating import evaluate
from evaluation.jobs.shard import extract_shard
from evaluation.jobs.training import preflight, train

__all__ = ["evaluate", "extract_shard", "preflight", "train"]
