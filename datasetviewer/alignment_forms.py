"""What is asked for when a dataset is aligned or filtered."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workers.engine.alignment import template_from_data, template_from_text
from workers.engine.errors import InputError
from workers.engine.filtering import DEFAULT_R
from workers.engine.geometry import FIVE, PADDINGS, TEMPLATES, Template, template

from .models import Decision
from .services.verdicts import LONGEST_NOTE

OWN = "own"
DEFAULT_TEMPLATE = "satnet"
TEMPLATE_LABELS = {
    "satnet": gettext_lazy("SATNet, 200 × 232"),
    "sphereface": gettext_lazy("SphereFace, 96 × 112"),
    "cufs": gettext_lazy("CUFS, 200 × 250 (eyes only)"),
    "square256": gettext_lazy("square, 256 × 256"),
    "square512": gettext_lazy("square, 512 × 512"),
}
PADDING_LABELS = {
    "edge": gettext_lazy("repeat the border pixels"),
    "fade": gettext_lazy("border pixels fading into white"),
    "white": gettext_lazy("white"),
    "black": gettext_lazy("black"),
}
FIVE_POINT_TEMPLATES = tuple(
    name for name in TEMPLATE_LABELS if {point for point, _x, _y in TEMPLATES[name].points} >= set(FIVE)
)


def chosen_template(name: str, own: Any = "") -> Template:
    """The template of that name; "own" reads `own` (JSON text or data). InputError says what is wrong."""
    if name == OWN:
        return template_from_text(own) if isinstance(own, str) else template_from_data(own)
    return template(name)


class TemplateForm(forms.Form):
    template = forms.ChoiceField(label=gettext_lazy("template"))
    own = forms.CharField(
        label=gettext_lazy("own template"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy(
            "JSON, used when “own template” is chosen: name, width, height, and points with left_eye, right_eye, nose, "
            "left_mouth, right_mouth, each [x, y] in pixels of the crop."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "font-monospace"}),
    )

    offered: tuple[str, ...] = tuple(TEMPLATE_LABELS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["template"]
        field.choices = [(name, TEMPLATE_LABELS[name]) for name in self.offered] + [(OWN, _("own template"))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "template" in data and "own" in data:
            try:
                data["chosen"] = chosen_template(data["template"], data["own"])
            except InputError as error:
                self.add_error("own", str(error))
        return data


class AlignForm(TemplateForm):
    padding = forms.ChoiceField(
        label=gettext_lazy("outside the picture"), choices=[(name, PADDING_LABELS[name]) for name in PADDINGS]
    )
    r = forms.FloatField(
        label=gettext_lazy("filter with r"),
        required=False,
        min_value=0.001,
        max_value=1,
        help_text=gettext_lazy("For instance 0.10: leaves side faces and badly fitting ones out. Empty: no filter."),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    slug = forms.CharField(
        label=gettext_lazy("short name of the new dataset"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("Empty: this dataset's and the template's name with a dash between."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PreviewForm(AlignForm):
    """A recipe to be looked at, as it stands in the address; what is left out is as usual."""

    slug = None  # type: ignore[assignment]

    def __init__(self, params: Any) -> None:
        given = {name: params[name] for name in ("template", "padding", "own", "r") if params.get(name)}
        super().__init__({"template": DEFAULT_TEMPLATE, "padding": PADDINGS[0]} | given, auto_id="id_preview_%s")

    def address(self) -> str:
        """The recipe as it stands behind the "?" of an address."""
        names = ("template", "padding", *(("own",) if self.cleaned_data["template"] == OWN else ()))
        return urlencode({name: self.cleaned_data[name] for name in names})


class FilterForm(TemplateForm):
    offered = FIVE_POINT_TEMPLATES
    r = forms.FloatField(
        label="r",
        initial=DEFAULT_R,
        min_value=0.001,
        max_value=1,
        help_text=gettext_lazy("A point is too far from its place when π d² > r · width · height."),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


class DecisionForm(forms.Form):
    keys = forms.CharField(
        label=gettext_lazy("pictures"),
        max_length=2_000_000,
        help_text=gettext_lazy("File names in the dataset, one a line."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    decision = forms.ChoiceField(label=gettext_lazy("decision"), choices=Decision.choices)
    note = forms.CharField(label=gettext_lazy("note"), required=False, max_length=LONGEST_NOTE)

    def clean_keys(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["keys"].splitlines() if line.strip()]
