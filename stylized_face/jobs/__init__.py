"""What workers do for this app. Each file has one concept; handlers are called by their dotted path here."""

from .drawing import Drawing, draw
from .sampling import draw_sample
from .stylizing import stylize
from .warming import warm_up

__all__ = ["Drawing", "draw", "draw_sample", "stylize", "warm_up"]
