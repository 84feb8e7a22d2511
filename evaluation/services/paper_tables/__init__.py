"""Paper tables: what can be a row, making and changing them, and measuring what they lack."""

from evaluation.services.paper_tables.candidates import NAMES, candidate_named
from evaluation.services.paper_tables.measuring import Measured, table_cancel, table_measure
from evaluation.services.paper_tables.writing import (
    columns_stored,
    table_change,
    table_create,
    table_delete,
    table_duplicate,
)

__all__ = [
    "NAMES",
    "Measured",
    "candidate_named",
    "columns_stored",
    "table_cancel",
    "table_change",
    "table_create",
    "table_delete",
    "table_duplicate",
    "table_measure",
]
