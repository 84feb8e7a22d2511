"""What the workers do for this app: the handlers that jobs name by dotted path."""

from evaluation.jobs.evaluating import evaluate

__all__ = ["evaluate"]
