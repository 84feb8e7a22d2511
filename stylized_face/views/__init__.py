"""Pages: send a photo, watch it being drawn, look at the sketch."""

from .adjusting import sketch_adjust
from .files import sketch_file, sketch_made
from .history import sketch_history, sketch_history_delete
from .offering import model_card, model_list, model_offer, model_sample
from .sending import sketch_new
from .showing import sketch_cancel, sketch_delete, sketch_detail, sketch_live, sketch_quality, sketch_redraw
from .together import sketch_together, sketch_together_delete, sketch_together_live, sketch_together_zip

__all__ = [
    "model_card",
    "model_list",
    "model_offer",
    "model_sample",
    "sketch_adjust",
    "sketch_cancel",
    "sketch_delete",
    "sketch_detail",
    "sketch_file",
    "sketch_history",
    "sketch_history_delete",
    "sketch_live",
    "sketch_made",
    "sketch_new",
    "sketch_quality",
    "sketch_redraw",
    "sketch_together",
    "sketch_together_delete",
    "sketch_together_live",
    "sketch_together_zip",
]
