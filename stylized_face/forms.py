"""The upload form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import MAX_SEED
from .offered import default_model, models_available

STRENGTHS = (("0.6", _("soft")), ("1.0", _("normal")), ("1.5", _("bold")))


class SketchForm(forms.Form):
    """What the page sends beside the photos. Whether those can be used is decided by the services alone."""

    model = forms.ChoiceField(widget=forms.RadioSelect)
    strength = forms.ChoiceField(widget=forms.RadioSelect, choices=STRENGTHS, initial="1.0")
    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, initial=0, required=False)

    def __init__(self, *args: Any, user: Any = None, wanted: str = "", **kwargs: Any) -> None:
        """`wanted` is the model an address asks for; one that is not offered is passed over."""
        super().__init__(*args, **kwargs)
        self.models = models_available(user)
        self.fields["model"].choices = [(model.id, model.title) for model in self.models]  # type: ignore[attr-defined]
        known = {model.id for model in self.models}
        self.fields["model"].initial = wanted if wanted in known else default_model()
        # A changed seed must survive a refused photo, but a form sent without it is no mistake.
        self.fields["model"].required = self.fields["strength"].required = False

    def clean_model(self) -> str:
        return self.cleaned_data["model"] or default_model()

    def clean_strength(self) -> float:
        return float(self.cleaned_data["strength"] or 1.0)

    def clean_seed(self) -> int:
        return self.cleaned_data["seed"] or 0
