"""The forms for importing a folder or an archive, and for lists."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .layouts import load_layout
from .models import ProtocolKind, ProtocolUnit
from .services import SUBMITTED_LAYOUTS
from .services.protocols import MAX_LIST_BYTES


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


class ArchiveForm(forms.Form):
    """What archive_submit needs. The file itself is checked when it is unpacked."""

    layout = forms.ChoiceField(label=_("Layout"), choices=layout_choices)
    archive = forms.FileField(
        label=_("Zip archive"),
        allow_empty_file=True,  # the service says what an empty file is
        help_text=_("The dataset's folder, packed as .zip."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"required": _("No archive was sent. Choose a .zip file.")},
    )
    slug = forms.CharField(
        label=_("Short name"),
        max_length=64,
        required=False,
        help_text=_("a-z, 0-9 and dashes; stands in addresses. Empty: the layout's name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ProtocolForm(forms.Form):
    """An own list as CSV; protocol_from_csv reads it."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("a-z, 0-9 and dashes. A name that is there gets a new version.")
    )
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ProtocolKind.choices)
    unit = forms.ChoiceField(label=_("Entries name"), choices=ProtocolUnit.choices)
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8, with the columns of the kind in its first line."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    @property
    def content(self) -> bytes:
        """The file, and one byte more than is taken when it is too large."""
        content: bytes = self.cleaned_data["file"].read(MAX_LIST_BYTES + 1)
        return content


class ValidationForm(forms.Form):
    """How much of train becomes the validation part."""

    amount = forms.CharField(
        label=_("Persons"), max_length=12, help_text=_("A number (20), or a part of the training persons (0.1 or 10%).")
    )
    seed = forms.IntegerField(
        label=_("Seed"), min_value=0, max_value=2**31 - 1, help_text=_("The same seed draws the same persons.")
    )
