"""What any page takes of files, also one that asks for none: a form is read before its view sees it, and what comes in is
written to the disk as it comes. Pages that take whole datasets put their own handlers in the place of this one."""

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class BoundedFiles(FileUploadHandler):
    """Stands before Django's handlers and ends an upload whose files are too many, or too large together."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._files = self._bytes = 0

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self._files += 1
        if self._files > settings.REQUEST_MAX_FILES:
            raise TooManyFilesSent

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._bytes += len(raw_data)
        if self._bytes > settings.REQUEST_FILES_MAX_BYTES:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # another handler keeps the content
