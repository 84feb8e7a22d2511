"""The largest face of a picture, brought onto a template by its five points: what recognition networks are fed."""

import numpy as np
from PIL import Image

from workers.engine.faces import find_faces
from workers.engine.features.extractors import NotUsable
from workers.engine.features.pictures import Picture
from workers.engine.geometry import Template, fit_similarity, warp
from workers.engine.landmarks import five_points

SMALLEST_SIDE = 16


def aligned_face(picture: Picture, template: Template) -> Picture:
    """(h, w, 3) uint8 -> the face at the template's size, (h', w', 3) uint8. Raises NotUsable when none is found."""
    if min(picture.shape[:2]) < SMALLEST_SIDE:
        raise NotUsable("the picture is too small to hold a face")
    image = Image.fromarray(picture)
    faces = find_faces(image)
    if not faces:
        raise NotUsable("no frontal face was found in it")
    transform = fit_similarity(five_points(faces[0].landmarks68), template.array())
    return np.array(warp(image, transform, template.size))
