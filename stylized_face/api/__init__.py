"""REST: `models/` and `stylizations/`."""

from .offered import ModelListApi
from .reading import StylizationCancelApi, StylizationDetailApi
from .redrawing import (
    StylizationAllApi,
    StylizationListApi,
    StylizationRedrawApi,
    StylizationTogetherApi,
    StylizationVariantsApi,
)

__all__ = [
    "ModelListApi",
    "StylizationAllApi",
    "StylizationCancelApi",
    "StylizationDetailApi",
    "StylizationListApi",
    "StylizationRedrawApi",
    "StylizationTogetherApi",
    "StylizationVariantsApi",
]
