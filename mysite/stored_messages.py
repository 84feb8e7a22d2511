"""Sentences that the pages translate when they show them, although the rooms that write them know no language.

Collected here for `make messages`. tests/mysite/test_translations.py compares this list with where the sentences stand.
"""

from django.utils.translation import gettext_noop

MESSAGES = (
    # datasetviewer/layouts: the terms of the datasets
    gettext_noop("Drawn by this program. The persons do not exist, and anybody may use the pictures for anything."),
    gettext_noop(
        "For research on face sketch synthesis and recognition only. The photos of the AR and XM2VTS faces belong to the "
        "owners of those two databases and have their own licences."
    ),
    gettext_noop("For research on face sketch synthesis and recognition only."),
    gettext_noop("Research only. The photos are NIST's (FERET database, on request) and are not part of the data set."),
    gettext_noop("For research only."),
    gettext_noop("Academic use only; do not redistribute or modify."),
    # datasetviewer/layouts: the titles of the lists that come with a dataset
    gettext_noop("CUFS, 268 training and 338 testing pairs"),
    gettext_noop("CUHK student faces, official partition"),
    gettext_noop("CUFSF, 250 training and 944 testing pairs"),
    gettext_noop("FS2K, 1058 training and 1046 testing pairs"),
    gettext_noop("Split of the imported folder"),
    gettext_noop("WarpGAN, 126 training and 126 testing persons"),
    # workers/engine/images.py: why a photo is refused
    gettext_noop(
        "The picture is damaged or incomplete and could not be read; open it in an image program, save it again "
        "as JPEG or PNG, and use that file."
    ),
    gettext_noop("The picture has no pixels; choose another file."),
    gettext_noop("The file is empty; choose a JPEG, PNG or WebP picture."),
    gettext_noop("is not a picture file (by the ending of its name)."),  # datasetviewer/layouts/listing.py
    gettext_noop("The picture is longer than 65535 pixels on one side; cut it into shorter ones and use one of them."),
    gettext_noop("The picture is animated; save one frame of it as JPEG or PNG and use that file."),
    gettext_noop(
        "The file is not a picture that can be read; only JPEG, PNG and WebP pictures are accepted. Save it as JPEG and "
        "try again."
    ),
    gettext_noop(
        "The file is a HEIC or AVIF file; only JPEG, PNG and WebP pictures are accepted. Save it as JPEG and try again."
    ),
    gettext_noop(
        "The file is a PDF file; only JPEG, PNG and WebP pictures are accepted. Save it as JPEG and try again."
    ),
    gettext_noop(
        "The file is a GIF file; only JPEG, PNG and WebP pictures are accepted. Save it as JPEG and try again."
    ),
    gettext_noop(
        "The file is a video file; only JPEG, PNG and WebP pictures are accepted. Save it as JPEG and try again."
    ),
    gettext_noop(
        "The file is an SVG file; only JPEG, PNG and WebP pictures are accepted. Save it as JPEG and try again."
    ),
)
