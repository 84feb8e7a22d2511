"""How good a photo was for a sketch, and how much of the person the sketch kept: numbers and the codes of warnings.

No words: a page says them in the reader's language. What the limits and typical values were measured on stands beside
them. It looks at what exists anyway (the face, its points, the aligned photo, the sketch) and finds nothing anew, so it
costs one small recognition network on two faces.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from workers.engine.errors import InputError
from workers.engine.geometry import fit_similarity, warp
from workers.engine.landmarks import five_points
from workers.engine.pose import head_pose

if TYPE_CHECKING:
    from workers.engine.faces import Aligned, Face

EDGEFACE, DLIB = "edgeface.xs512", "dlib.face128"

# The mean five points of 75 photos of CUFS's test part (25 of each source), brought onto the template "cufs" at 400x500.
TYPICAL_FIVE = np.array([[150.9, 252.2], [249.9, 252.2], [201.2, 302.4], [160.3, 361.5], [240.7, 360.9]])
FACE_REGION = (100, 175, 300, 425)  # brows to chin of the aligned picture, 400x500

# The limits, beside what those 75 photos and 48 free portraits of all kinds (poses, skins, ages, lights) have.
SIDE_DEGREES = 30.0  # 95 % of the portraits have less than 31
TILT_DEGREES = 25.0
ENLARGED = 2.0  # the face was smaller than half of what the sketch shows: eyes less than 50 pixels apart
OFF_PIXELS = 26.0  # all have less than 24, half of them less than 11
# Sharp faces have 0.07 and more (75 of CUFS, 48 others, none below); Gaussian blur of 4 pixels brings all below 0.025.
BLURRED = 0.03
# By the lightest and the darkest parts of the face (95th and 5th percentile, 0 to 255), not by its mean: a dark skin in good
# light has highlights and a fair one has dark eyes. The portraits have at least 127 and at most 122.
DARK, BRIGHT = 90.0, 150.0
BLOWN, BLOWN_PART = 250.0, 0.2
UNSURE_SCORE = 0.25  # dlib's detector takes everything above 0


def quality_report(
    photo: Image.Image,
    face: Face,
    aligned: Aligned,
    sketch: Image.Image,
    weights_dir: Path | None,
    *,
    faces: int = 1,
) -> dict[str, Any]:
    """What can be said of a sketch, ready for JSON. `aligned` and `sketch` show the same face, 400x500; `faces` were found.

    `warnings` are `{"code", "value", "limit"}`, the weightiest first; codes: several_faces, small_face, side_face,
    points_off, tilted, blurred, dark, bright, blown, unsure_face. `identity` names the network and what its number is:
    the cosine of two EdgeFace descriptors (1 is the same picture, unrelated persons are near 0), or, without EdgeFace's
    weights, the distance of two dlib descriptors (0 is the same picture; dlib's authors call below 0.6 one person in
    photos); None when neither network is there.
    """
    five = five_points(face.landmarks68)
    on_template = aligned.transform.apply(five)
    pose = head_pose(five)
    lightness = _lightness(aligned.image)
    eyes = float(np.hypot(*(five[1] - five[0])))
    report: dict[str, Any] = {
        "face": {
            "score": round(float(face.score), 2),
            "width": round(float(face.width)),
            "eye_distance": round(eyes, 1),
            "photo": [photo.width, photo.height],
            "faces": faces,
        },
        "alignment": {
            "tilt": round(-aligned.transform.angle, 1),
            "scale": round(aligned.transform.scale, 3),
            "off": round(float(np.sqrt(((on_template - TYPICAL_FIVE) ** 2).sum(axis=1).mean())), 1),
        },
        "pose": {"yaw": round(pose.yaw, 1), "pitch": round(pose.pitch, 1)},
        "light": {
            "darkest": round(float(np.quantile(lightness, 0.05)), 1),
            "median": round(float(np.median(lightness)), 1),
            "lightest": round(float(np.quantile(lightness, 0.95)), 1),
            "blown": round(float((lightness >= BLOWN).mean()), 3),
        },
        "sharpness": round(sharpness(aligned.image), 4),
        "identity": identity(aligned.image, sketch, on_template, weights_dir),
    }
    return report | {"warnings": _warnings(report)}


def sharpness(aligned: Image.Image) -> float:
    """How fine the details of the face are: the variance of the Laplacian (Pech-Pacheco et al., ICPR 2000) at 200x250,
    divided by the variance of the lightness, so that a low contrast alone does not count as blur."""
    small = aligned.convert("L").resize((aligned.width // 2, aligned.height // 2), Image.Resampling.LANCZOS)
    left, top, right, bottom = (value // 2 for value in FACE_REGION)
    grey = np.asarray(small, dtype=np.float64)[top - 1 : bottom + 1, left - 1 : right + 1]
    middle = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle
    return float(laplacian.var() / (middle.var() + 25.0))  # 25: the noise of a flat picture is no detail


def identity(
    aligned: Image.Image, sketch: Image.Image, five: np.ndarray, weights_dir: Path | None
) -> dict[str, Any] | None:
    """How alike photo and sketch are to a face recognition network, which is named. `five` are points in both."""
    pictures = [aligned.convert("RGB"), sketch.convert("RGB")]
    try:
        return {"network": EDGEFACE, "measure": "cosine", "value": round(_cosine(pictures, five, weights_dir), 3)}
    except InputError:
        pass
    try:
        return {"network": DLIB, "measure": "distance", "value": round(_distance(pictures, five), 3)}
    except InputError:
        return None


def warm_quality(weights_dir: Path | None) -> None:
    """Load the network that the next report will use."""
    blank = Image.new("RGB", (400, 500), "grey")
    identity(blank, blank, TYPICAL_FIVE, weights_dir)


def _cosine(pictures: list[Image.Image], five: np.ndarray, weights_dir: Path | None) -> float:
    from workers.engine.features.edgeface import ARCFACE
    from workers.engine.features.resizing import planes_of

    network = _edgeface(weights_dir)
    transform = fit_similarity(five, ARCFACE.array())
    crops = [planes_of(np.array(warp(picture, transform, ARCFACE.size))) / 127.5 - 1 for picture in pictures]
    photo, drawn = network.features(crops)
    return float(photo @ drawn / max(float(np.linalg.norm(photo) * np.linalg.norm(drawn)), 1e-12))


def _distance(pictures: list[Image.Image], five: np.ndarray) -> float:
    import dlib

    from workers.engine.faces import landmark_predictor

    # dlib cuts a face out by its own 68 points: found in the photo, whose face stands where the template says, and
    # used for both pictures.
    unit = float(np.hypot(*(five[1] - five[0])))
    x, y = five.mean(axis=0)
    box = dlib.rectangle(round(x - 1.1 * unit), round(y - 1.25 * unit), round(x + 1.1 * unit), round(y + 0.95 * unit))
    points = landmark_predictor(68)(np.asarray(pictures[0]), box)
    chips = [dlib.get_face_chip(np.asarray(picture), points, size=150, padding=0.25) for picture in pictures]
    photo, drawn = (np.array(_dlib_network().compute_face_descriptor(chip)) for chip in chips)
    return float(np.linalg.norm(photo - drawn))


@cache
def _edgeface(weights_dir: Path | None) -> Any:
    from workers.engine.weights import find

    weights = find(EDGEFACE, weights_dir)
    from workers.engine.features.edgeface import EdgeFaceXs512

    return EdgeFaceXs512(weights, "cpu")  # two faces: a GPU would gain nothing, and may be drawing


@cache
def _dlib_network() -> Any:
    import dlib

    from workers.engine.faces import model_file

    return dlib.face_recognition_model_v1(str(model_file("dlib_face_recognition_resnet_model_v1.dat")))


def _lightness(aligned: Image.Image) -> np.ndarray:
    return np.asarray(aligned.convert("L").crop(FACE_REGION), dtype=np.float64)


def _warnings(report: dict[str, Any]) -> list[dict[str, Any]]:
    face, alignment, light = report["face"], report["alignment"], report["light"]
    yaw, tilt = abs(report["pose"]["yaw"]), abs(alignment["tilt"])
    checks = (
        ("several_faces", face["faces"], 1, face["faces"] > 1),
        ("small_face", face["eye_distance"], round(100 / ENLARGED), alignment["scale"] > ENLARGED),
        ("side_face", yaw, SIDE_DEGREES, yaw > SIDE_DEGREES),
        ("points_off", alignment["off"], OFF_PIXELS, alignment["off"] > OFF_PIXELS and yaw <= SIDE_DEGREES),
        ("blurred", report["sharpness"], BLURRED, report["sharpness"] < BLURRED),
        ("dark", light["lightest"], DARK, light["lightest"] < DARK),
        ("bright", light["darkest"], BRIGHT, light["darkest"] > BRIGHT),
        ("blown", light["blown"], BLOWN_PART, light["blown"] > BLOWN_PART and light["darkest"] <= BRIGHT),
        ("tilted", tilt, TILT_DEGREES, tilt > TILT_DEGREES),
        ("unsure_face", face["score"], UNSURE_SCORE, face["score"] < UNSURE_SCORE),
    )
    return [{"code": code, "value": value, "limit": limit} for code, value, limit, holds in checks if holds]
