"""The quality report in words, for the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Measured on 75 pairs of CUFS's test part (25 of each source) with one face in place in both pictures: photo and the
# artist's sketch of the same person, and of others. 5th percentile, median, 95th percentile.
_TYPICAL: dict[str, dict[str, Any]] = {
    "edgeface.xs512": {"same": (0.25, 0.43, 0.57), "others": (-0.08, 0.04, 0.18), "sure": 0.30, "unsure": 0.20},
    "dlib.face128": {"same": (0.40, 0.50, 0.65), "others": (0.55, 0.77, 0.89), "sure": 0.55, "unsure": 0.65},
}
_TITLES = {"edgeface.xs512": "EdgeFace-XS", "dlib.face128": "dlib"}


@dataclass(frozen=True)
class QualityWords:
    """`verdict` in a few words, then sentences; `numbers` are (name, value) for who wants to look closer."""

    verdict: str
    good: bool
    likeness: str
    typical: str
    warnings: list[str]
    numbers: list[tuple[str, str]]


def quality_words(report: dict[str, Any]) -> QualityWords:
    """Say a report of `workers.engine.quality`. What a report lacks is left out."""
    warnings = [warning_words(one) for one in report.get("warnings", ())]
    count = len(warnings)
    verdict = (
        ngettext(
            "%(count)d thing about this photo could be better",
            "%(count)d things about this photo could be better",
            count,
        )
        % {"count": count}
        if count
        else _("The photo suits: one face, seen from the front, sharp, in good light")
    )
    identity = report.get("identity")
    return QualityWords(
        verdict=verdict,
        good=not count,
        likeness=likeness_words(identity),
        typical=_typical_words(identity),
        warnings=warnings,
        numbers=_numbers(report),
    )


def warning_words(warning: dict[str, Any]) -> str:
    """What is wrong, and what to do about it."""
    value = warning.get("value")
    texts = {
        "several_faces": _("There is more than one face in the photo; the chosen one was drawn."),
        "small_face": _(
            "The face is small: its eyes are only %(value)s pixels apart, so the sketch shows more detail than the photo "
            "had. A photo taken from nearer, or the original file, gives a truer one."
        ),
        "side_face": _(
            "The face is turned aside by about %(value)s degrees. The models are made for faces seen from the front: expect "
            "its far side to be less true."
        ),
        "points_off": _(
            "The points found on the face do not lie as on a usual face. Look whether eyes, nose and mouth were found "
            "rightly, and set them by hand if not."
        ),
        "blurred": _("The face is not sharp, or was enlarged: fine lines (lids, lips, hair) could not be seen."),
        "dark": _("The face lies in the dark; eyes and mouth may be drawn too heavy. More light from the front helps."),
        "bright": _("The face is very bright, so little of its modelling is left to draw. Softer light helps."),
        "blown": _("Parts of the face are burnt out to white; there is nothing to draw in them. Softer light helps."),
        "tilted": _(
            "The head was tilted by about %(value)s degrees and has been turned upright; its corners may be empty."
        ),
        "unsure_face": _("The detector was not sure that this is a face."),
    }
    text = texts.get(str(warning.get("code")))
    if text is None:
        return _("The report of a newer version says: %(code)s.") % {"code": warning.get("code")}
    if isinstance(value, float):
        value = round(value)
    return text % {"value": value} if "%(value)s" in text else text


def likeness_words(identity: dict[str, Any] | None) -> str:
    """Whether a face recognition network takes the sketch for the person of the photo."""
    if not identity or identity.get("network") not in _TYPICAL:
        return ""
    typical = _TYPICAL[identity["network"]]
    value, sure, unsure = identity["value"], typical["sure"], typical["unsure"]
    sign = 1 if identity["measure"] == "cosine" else -1
    network = _TITLES[identity["network"]]
    if sign * value >= sign * sure:
        text = _("The face recognition network %(network)s takes the sketch for the person in the photo.")
    elif sign * value >= sign * unsure:
        text = _("The face recognition network %(network)s is not sure that sketch and photo show the same person.")
    else:
        text = _("The face recognition network %(network)s does not recognise the person of the photo in the sketch.")
    return text % {"network": network}


def _typical_words(identity: dict[str, Any] | None) -> str:
    if not identity or identity.get("network") not in _TYPICAL:
        return ""
    typical = _TYPICAL[identity["network"]]
    what = (
        _("Cosine of the two descriptors; 1 is the same picture.")
        if identity["measure"] == "cosine"
        else _("Distance of the two descriptors; 0 is the same picture.")
    )
    text = _(
        "For comparison, photos and artists' sketches of CUFS (75 test pairs, 5th to 95th percentile): the same person "
        "%(same_low).2f to %(same_high).2f, median %(same).2f; different persons %(others_low).2f to %(others_high).2f, median "
        "%(others).2f."
    )
    values = {
        "same_low": typical["same"][0], "same": typical["same"][1], "same_high": typical["same"][2],
        "others_low": typical["others"][0], "others": typical["others"][1], "others_high": typical["others"][2],
    }  # fmt: skip
    return f"{what} {text % values}"


def _numbers(report: dict[str, Any]) -> list[tuple[str, str]]:
    face, alignment, pose = report.get("face", {}), report.get("alignment", {}), report.get("pose", {})
    light, identity = report.get("light", {}), report.get("identity")
    rows: list[tuple[str, str, Any]] = [
        (_("Identity, %(network)s") % {"network": identity["network"]}, "{}", identity.get("value")) if identity
        else (_("Identity"), "{}", _("no recognition network installed")),
        (_("Face score (dlib; 0 is its limit, good portraits have 1 to 3)"), "{}", face.get("score")),
        (_("Width of the face in the photo"), "{} px", face.get("width")),
        (_("Eye distance in the photo (100 in the sketch)"), "{} px", face.get("eye_distance")),
        (_("Faces in the photo"), "{}", face.get("faces")),
        (_("Tilt of the head"), "{}°", alignment.get("tilt")),
        (_("Scale from photo to sketch"), "{}", alignment.get("scale")),
        (_("Points off a typical face (usually 2 to 19)"), "{} px", alignment.get("off")),
        (_("Turned aside, estimated"), "{}°", pose.get("yaw")),
        (_("Sharpness (below 0.03 is blurred)"), "{}", report.get("sharpness")),
        (_("Lightness of the face from 0 to 255: its darkest, middle and lightest parts"), "{} · {} · {}",
         (light["darkest"], light["median"], light["lightest"]) if "darkest" in light else None),
        (_("Burnt out part of the face"), "{:.1%}", light.get("blown")),
    ]  # fmt: skip
    return [
        (name, pattern.format(*value) if isinstance(value, tuple) else pattern.format(value))
        for name, pattern, value in rows
        if value is not None
    ]
