"""A photo turned into a soft graphite drawing on white paper, by classical image processing without any training.

After Lu, Xu and Jia, "Combining Sketch and Tone for Pencil Drawing Production", NPAR 2012: a drawing is *lines*
(edges convolved along eight directions, the strongest direction keeps the response, so that lines come out as short
straight overlapping strokes) times *tone* (the photo's lightness moved towards that of pencil drawings and rendered
as tone ** texture, so that white stays paper and dark places get more graphite). Differences, made for faces:

- lines come from a difference of Gaussians, as in Winnemoeller, Kyprianidis and Olsen, "XDoG", Computers and
  Graphics 2012: one dark line per contour, where a gradient gives two;
- the photo's exposure is set by the middle of the picture, where the face is, so that dark and light skin both keep
  their modelling; a histogram over the whole picture would follow the background;
- the texture is noise drawn out along the picture's own direction (line integral convolution, Cabral and Leedom,
  SIGGRAPH 1993, along the structure tensor), so that hair is made of strands; where there is no direction it is a
  slanted hatching;
- what has the colours of the upper border rather than those of the middle fades to paper, as in the sketches of
  CUFS. The matte is refined with the guided filter of He, Sun and Tang, ECCV 2010.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

from workers.engine.stylizers.portrait import checked, exposed, guided, luma, stroke_unit, subject

_DIRECTIONS = 8
_HATCH = np.deg2rad(-50.0)  # direction of the hatching to the x axis, rising to the right
_PAPER = 0.985
_GRAPHITE = 0.10  # the darkest a soft pencil gets


def pencil(image: Image.Image, *, strength: float = 1.0, seed: int = 0) -> Image.Image:
    """The pencil drawing of an RGB or L picture, as an L picture of the same size, the same for the same arguments.

    `strength` is how hard the pencil is pressed: 1 is a soft drawing, 0.5 a faint one, 1.5 a bold one. `seed` draws
    other strokes of the same drawing. Made for portraits whose face is near the middle.
    """
    checked(image, strength, seed)
    rgb = np.asarray(image.convert("RGB"), dtype=np.float32) / 255.0
    rng = np.random.default_rng(seed)
    unit = stroke_unit(image)
    lightness = exposed(luma(rgb))
    person = subject(rgb)
    direction, coherence = _flow(lightness, unit)
    strokes = _strokes(lightness.shape, direction, coherence, unit, rng)
    tone = _tone(lightness, unit)
    tone = 1.0 - (1.0 - tone) * (0.08 + 0.92 * person)
    lines = _lines(lightness, unit) * (0.15 + 0.85 * person)
    shaded = tone ** (strength * np.clip(1.0 + 0.30 * strokes, 0.15, 2.2))
    # A line is pressed unevenly, so the strokes show in it too.
    drawn = shaded * (1.0 - np.clip(strength * lines * (1.0 + 0.12 * strokes), 0.0, 0.92))
    grain = ndimage.gaussian_filter(rng.standard_normal(drawn.shape, dtype=np.float32), 0.7)
    drawn = drawn + 0.012 * grain
    value = _GRAPHITE + (_PAPER - _GRAPHITE) * np.clip(drawn, 0.0, 1.0)
    return Image.fromarray(np.rint(value * 255.0).astype(np.uint8))


def _tone(lightness: np.ndarray, unit: float) -> np.ndarray:
    """Graphite tone 0 (black) .. 1 (paper): skin light with soft modelling, hair and eyes dark."""
    soft = guided(lightness, lightness, radius=max(2, round(4 * unit)), epsilon=0.003)
    detail = lightness - soft
    base = ndimage.gaussian_filter(soft, 30 * unit)
    x = np.clip((soft + 0.30 * (soft - base) - 0.06) / (0.95 - 0.06), 0.0, 1.0)
    # Hair stays a dark grey that strokes can be seen in; skin keeps a long soft slope up to empty paper.
    curve = 0.22 + 0.78 * x**0.85
    return np.clip(curve + 0.6 * detail, 0.10, 1.0)


def _lines(lightness: np.ndarray, unit: float) -> np.ndarray:
    """Darkness 0..1 of the contour lines."""
    # Pores and film grain are no contours.
    clean = guided(lightness, lightness, radius=max(1, round(2 * unit)), epsilon=0.0015)
    scales = ((0.8, 2.0, 1.0), (1.6, 4.0, 0.55))
    edge = np.zeros_like(lightness)
    for fine, wide, weight in scales:
        response = ndimage.gaussian_filter(clean, wide * unit) - ndimage.gaussian_filter(clean, fine * unit)
        edge += weight * np.clip(response - 0.008, 0.0, None)
    # Each edge point is drawn by the strongest of eight straight strokes through it (Lu, Xu and Jia, section 3.1).
    kernels = _stroke_kernels(max(5, round(11 * unit)))
    strongest = np.max([ndimage.convolve(edge, kernel, mode="nearest") for kernel in kernels], axis=0)
    return 0.85 * np.tanh(7.0 * (0.45 * edge + 0.65 * strongest))


def _stroke_kernels(length: int) -> list[np.ndarray]:
    """Normalised straight line segments of `length` pixels in eight directions."""
    half = length // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    kernels = []
    for k in range(_DIRECTIONS):
        angle = np.pi * k / _DIRECTIONS
        across = np.abs(-np.sin(angle) * x + np.cos(angle) * y)
        along = np.abs(np.cos(angle) * x + np.sin(angle) * y)
        kernel = np.clip(1.0 - across, 0.0, 1.0) * (along <= half)
        kernels.append(kernel / kernel.sum())
    return kernels


def _flow(lightness: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Angle along the contours (radians) and how sure it is (0..1), from the structure tensor."""
    smooth = ndimage.gaussian_filter(lightness, 1.0 * unit)
    gy, gx = np.gradient(smooth)
    sigma = 4.0 * unit
    xx, yy = ndimage.gaussian_filter(gx * gx, sigma), ndimage.gaussian_filter(gy * gy, sigma)
    xy = ndimage.gaussian_filter(gx * gy, sigma)
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    coherence = spread / (xx + yy + 1e-5)
    strong = np.clip((np.sqrt(xx + yy) - 0.008) / 0.03, 0.0, 1.0)
    return angle.astype(np.float32), (coherence * strong).astype(np.float32)


def _strokes(shape, direction, coherence, unit, rng) -> np.ndarray:
    """Texture of zero mean and unit variance: strands along the direction, slanted hatching where there is none."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    noise = ndimage.gaussian_filter(noise, 0.55 * unit)
    # Doubled angles, so that opposite directions agree when mixed.
    mix = np.clip(coherence * 1.6 - 0.2, 0.0, 1.0)
    c = mix * np.cos(2 * direction) + (1 - mix) * np.cos(2 * _HATCH)
    s = mix * np.sin(2 * direction) + (1 - mix) * np.sin(2 * _HATCH)
    angle = 0.5 * np.arctan2(s, c)
    drawn = _line_integral(noise, np.cos(angle), np.sin(angle), steps=max(4, round(11 * unit)))
    deviation = np.sqrt(ndimage.gaussian_filter(drawn * drawn, 12 * unit)) + 1e-6
    return np.clip(drawn / deviation, -2.5, 2.5)


def _line_integral(noise: np.ndarray, vx: np.ndarray, vy: np.ndarray, steps: int) -> np.ndarray:
    """Mean of the noise along the streamline through each pixel, `steps` pixels both ways."""
    height, width = noise.shape
    flat, vxf, vyf = noise.ravel(), vx.ravel().astype(np.float32), vy.ravel().astype(np.float32)
    total = flat.copy()
    y0, x0 = (a.ravel().astype(np.float32) for a in np.mgrid[:height, :width])
    for sign in (1.0, -1.0):
        x, y = x0.copy(), y0.copy()
        px, py = vxf * sign, vyf * sign
        for _ in range(steps):
            x += px
            y += py
            np.clip(x, 0, width - 1, out=x)
            np.clip(y, 0, height - 1, out=y)
            index = (y + 0.5).astype(np.int32) * width + (x + 0.5).astype(np.int32)
            total += flat[index]
            nx, ny = vxf[index], vyf[index]
            # The field has no sign; keep walking the way we came.
            flip = np.where(nx * px + ny * py < 0, np.float32(-1), np.float32(1))
            px, py = nx * flip, ny * flip
    return (total / (2 * steps + 1)).reshape(height, width)
