"""The one exception whose text is written for the person who asked."""


class InputError(Exception):
    """What was given cannot be used; the message says what was wrong, where, and what to do.

    Everything else that is raised is a defect of ours and is shown as "internal error" only.
    """
