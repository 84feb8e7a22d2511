"""How much processor time the classical drawings and the quality report take, beside finding the face in the same photo.

    .venv/bin/python -m benchmarks.drawing [--weights-dir DIR] [--persons 4] [--repeats 3] [--json]

Photos are drawn faces of 400x500 pixels. Every repeat runs all in turn; printed are the median milliseconds of processor time
and the median of the ratios to the detector within a repeat, which every sketch has to wait for anyhow.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from PIL import Image

from datasetviewer.drawing import draw_photo, person_parameters
from workers.engine.faces import align, find_faces
from workers.engine.geometry import template
from workers.engine.quality import quality_report
from workers.engine.stylizers.lines import lines
from workers.engine.stylizers.pencil import pencil


def ways_of(photo, weights_dir):
    """Name -> what is timed, for one photo."""
    (face,) = find_faces(photo)
    aligned = align(photo, face, template("cufs"), 2, padding="fade")
    sketch = pencil(aligned.image)
    return {
        "finding the face": lambda: find_faces(photo),
        "pencil": lambda: pencil(aligned.image),
        "lines": lambda: lines(aligned.image),
        "quality report": lambda: quality_report(photo, face, aligned, sketch, weights_dir),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--persons", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    seconds = {}
    for index in range(options.persons):
        photo = draw_photo(person_parameters(index, seed=0)).convert("RGB").resize((400, 500), Image.Resampling.LANCZOS)
        ways = ways_of(photo, options.weights_dir)
        for repeat in range(-1, options.repeats):
            for name, way in ways.items():
                began = time.process_time()
                way()
                if repeat >= 0:  # the first warms up
                    seconds.setdefault(name, []).append(time.process_time() - began)
    detector = seconds["finding the face"]
    row = {
        name: {
            "milliseconds": round(1000 * statistics.median(taken), 1),
            "times_the_detector": round(statistics.median(a / b for a, b in zip(taken, detector, strict=True)), 2),
        }
        for name, taken in seconds.items()
    }
    if options.json:
        print(json.dumps(row))
        return
    for name, found in row.items():
        print(
            f"{name}: {found['milliseconds']} ms of one processor, {found['times_the_detector']} times the detector's"
        )


if __name__ == "__main__":
    main()
