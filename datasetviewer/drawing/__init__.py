"""The demo faces: persons who do not exist, drawn by code with numpy and Pillow alone.

person.py, colouring.py             who: proportions and appearance, from an index and a seed
anatomy.py                          where: the curves and the 17 landmarks that follow from the proportions
relief.py                           the head as a height field, and the light on it
features.py, beard.py, wear.py      eyes, brows, lips; beards; clothes and glasses
hair.py, scalp.py, hairstyles*.py   hair as single strands
contours.py, exaggeration.py        the lines of a drawing; what a caricature makes more of
photo.py, sketch.py, caricature.py  the three pictures of a person
demo.py                             all of them as a folder of PNG files
canvas.py, strokes.py               the tools underneath

The pixels depend on index and seed only. Whole-picture arithmetic keeps to + - * / and the square root, which IEEE 754
rounds alike on every machine; sine, cosine and the like appear only in double precision, where a difference in the last
digit is far below a pixel's step; random numbers are the generator's uniform ones.
"""

from datasetviewer.drawing.caricature import draw_caricature
from datasetviewer.drawing.demo import draw_demo
from datasetviewer.drawing.person import Person, person_parameters
from datasetviewer.drawing.photo import draw_photo
from datasetviewer.drawing.sketch import draw_sketch

__all__ = ["Person", "draw_caricature", "draw_demo", "draw_photo", "draw_sketch", "person_parameters"]
