from django.urls import path, re_path

from . import api, views

app_name = "stylized_face"

urlpatterns = [
    path("sketch/", views.sketch_new, name="sketch-new"),
    path("sketch/<uuid:id>/", views.sketch_detail, name="sketch-detail"),
    path("sketch/<uuid:id>/live/", views.sketch_live, name="sketch-live"),
    path("sketch/models/", views.model_list, name="model-list"),
    path("sketch/models/samples/<str:name>.png", views.model_sample, name="model-sample"),
    path("sketch/models/<str:name>/card/", views.model_card, name="model-card"),
    path("sketch/models/<str:checkpoint_id>/offer/", views.model_offer, name="model-offer"),
    path("sketch/history/", views.sketch_history, name="sketch-history"),
    path("sketch/history/delete/", views.sketch_history_delete, name="sketch-history-delete"),
    path("sketch/together/<uuid:together>/", views.sketch_together, name="sketch-together"),
    path("sketch/together/<uuid:together>/live/", views.sketch_together_live, name="sketch-together-live"),
    path("sketch/together/<uuid:together>/sketches.zip", views.sketch_together_zip, name="sketch-together-zip"),
    path("sketch/together/<uuid:together>/delete/", views.sketch_together_delete, name="sketch-together-delete"),
    path("sketch/<uuid:id>/quality/", views.sketch_quality, name="sketch-quality"),
    path("sketch/<uuid:id>/adjust/", views.sketch_adjust, name="sketch-adjust"),
    path("sketch/<uuid:id>/redraw/", views.sketch_redraw, name="sketch-redraw"),
    path("sketch/<uuid:id>/cancel/", views.sketch_cancel, name="sketch-cancel"),
    path("sketch/<uuid:id>/delete/", views.sketch_delete, name="sketch-delete"),
    re_path(
        r"^sketch/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/files/(?P<name>photo|aligned|sketch)\.png$",
        views.sketch_file,
        name="sketch-file",
    ),
    re_path(
        r"^sketch/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/made/(?P<name>large|pair|small)\.png$",
        views.sketch_made,
        name="sketch-made",
    ),
]

api_urlpatterns = [
    path("models/", api.ModelListApi.as_view(), name="model-list"),
    path("stylizations/", api.StylizationListApi.as_view(), name="stylization-list"),
    path("stylizations/<uuid:id>/", api.StylizationDetailApi.as_view(), name="stylization-detail"),
    path("stylizations/together/<uuid:together>/", api.StylizationTogetherApi.as_view(), name="stylization-together"),
    path("stylizations/<uuid:id>/redraw/", api.StylizationRedrawApi.as_view(), name="stylization-redraw"),
    path("stylizations/<uuid:id>/all/", api.StylizationAllApi.as_view(), name="stylization-all"),
    path("stylizations/<uuid:id>/variants/", api.StylizationVariantsApi.as_view(), name="stylization-variants"),
    path("stylizations/<uuid:id>/cancel/", api.StylizationCancelApi.as_view(), name="stylization-cancel"),
]
