"""The request of a page as commands to copy: curl, Python, the command line. One file a subject."""
