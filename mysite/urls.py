"""Every address of the site; each app brings its own pages and its part of the REST API."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import datasetviewer.urls
import evaluation.urls
import stylized_face.urls
import workers.urls
from mysite import views

APPS = {
    "workers": workers.urls,
    "datasetviewer": datasetviewer.urls,
    "evaluation": evaluation.urls,
    "stylized_face": stylized_face.urls,
}

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("account/", include("mysite.access.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    *[path("", include((module.urlpatterns, name))) for name, module in APPS.items()],
    *[path("api/v1/", include((module.api_urlpatterns, f"{name}_api"))) for name, module in APPS.items()],
]

handler400 = "mysite.views.bad_request"
handler404 = "mysite.views.not_found"
handler500 = "mysite.views.server_error"
