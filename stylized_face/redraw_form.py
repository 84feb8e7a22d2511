"""What the result page sends to have a face drawn again."""

from __future__ import annotations

from django import forms

from .models import MAX_SEED, MAX_STRENGTH, MIN_STRENGTH


class RedrawForm(forms.Form):
    """Each field may be left out: it then stays as it was. Whether a model is offered is decided by the service."""

    model = forms.CharField(max_length=200, required=False)
    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, required=False)
    strength = forms.FloatField(min_value=MIN_STRENGTH, max_value=MAX_STRENGTH, required=False)
    to_seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, required=False)
    variants = forms.BooleanField(required=False)
    all_models = forms.BooleanField(required=False)
