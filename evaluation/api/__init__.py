"""REST addresses of evaluations and results."""
