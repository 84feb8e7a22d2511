"""The form for importing a folder that lies on the server."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .layouts import load_layout
from .services import SUBMITTED_LAYOUTS


def layout_choices() -> list[tuple[str, str]]:
    return [(name, f"{name}: {load_layout(name).TITLE}") for name in SUBMITTED_LAYOUTS]


class ImportForm(forms.Form):
    """What dataset_import_submit needs; whether folder and name will do is for the service to say."""

    layout = forms.ChoiceField(label=_("Layout"), choices=layout_choices)
    path = forms.CharField(
        label=_("Folder"),
        max_length=500,
        help_text=_("Below the server's folder for datasets."),
        widget=forms.TextInput(attrs={"list": "incoming-folders", "autocomplete": "off"}),
    )
    slug = forms.CharField(
        label=_("Short name"),
        max_length=64,
        required=False,
        help_text=_("a-z, 0-9 and dashes; stands in addresses. Empty: the layout's name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
