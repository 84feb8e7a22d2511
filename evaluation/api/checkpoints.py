"""checkpoints/{id}/: what it is, its file, its name, deleting and taking back."""

from typing import Any

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation import selectors, services
from evaluation.api.training_outputs import CheckpointInput, CheckpointOutput
from evaluation.models import Checkpoint
from workers.engine.errors import InputError

CHANGEABLE = ("title", "published")


class CheckpointDetailApi(APIView):
    """One checkpoint; its owner and staff may name it, offer it to visitors and delete it."""

    @extend_schema(operation_id="checkpoints_retrieve", responses=CheckpointOutput)
    def get(self, request: Request, checkpoint_id: str) -> Response:
        return _answer(request, _or_404(request, checkpoint_id))

    @extend_schema(operation_id="checkpoints_update", request=CheckpointInput, responses=CheckpointOutput)
    def patch(self, request: Request, checkpoint_id: str) -> Response:
        checkpoint = _managed(request, checkpoint_id)
        data: Any = request.data
        unknown = [key for key in data if key not in CHANGEABLE] if isinstance(data, dict) else ["?"]
        if unknown:
            text = _("There is no entry %(key)s. Known: %(keys)s.")
            raise InputError(text % {"key": repr(unknown[0])[:80], "keys": ", ".join(CHANGEABLE)})
        services.checkpoint_update(checkpoint=checkpoint, **data)
        return _answer(request, checkpoint)

    @extend_schema(
        operation_id="checkpoints_delete",
        summary="Delete a checkpoint; it can be restored for a week",
        responses={204: None},
    )
    def delete(self, request: Request, checkpoint_id: str) -> Response:
        services.checkpoint_delete(checkpoint=_managed(request, checkpoint_id))
        return Response(status=204)


class CheckpointRestoreApi(APIView):
    """Take back a deleted checkpoint."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="checkpoints_restore", request=None, responses=CheckpointOutput)
    def post(self, request: Request, checkpoint_id: str) -> Response:
        checkpoint = _managed(request, checkpoint_id, deleted=True)
        services.checkpoint_restore(checkpoint=checkpoint)
        return _answer(request, checkpoint)


class CheckpointFileApi(APIView):
    """The generator's weights as safetensors."""

    @extend_schema(operation_id="checkpoints_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, checkpoint_id: str) -> FileResponse:
        checkpoint = _or_404(request, checkpoint_id)
        try:
            file = (checkpoint.folder / "generator.safetensors").open("rb")
        except OSError:
            raise Http404 from None
        name = f"{checkpoint.run.preset}-epoch{checkpoint.epoch}-{checkpoint.id}.safetensors"
        return FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")


def _answer(request: Request, checkpoint: Checkpoint) -> Response:
    return Response(CheckpointOutput(checkpoint, context={"request": request}).data)


def _or_404(request: Request, checkpoint_id: str, *, deleted: bool = False) -> Checkpoint:
    checkpoint = selectors.checkpoint_get(user=request.user, checkpoint_id=checkpoint_id, deleted=deleted)
    if checkpoint is None:
        raise Http404
    return checkpoint


def _managed(request: Request, checkpoint_id: str, *, deleted: bool = False) -> Checkpoint:
    checkpoint = _or_404(request, checkpoint_id, deleted=deleted)
    if not selectors.training_managed_by(run=checkpoint.run, user=request.user):
        raise PermissionDenied(_("Only the owner of a training and staff may do this."))
    return checkpoint
