"""Signing in and out, the account page, API tokens."""

from django.urls import path

from mysite.access import views

app_name = "access"
urlpatterns = [
    path("", views.account, name="account"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("link/<str:key>/", views.link, name="link"),
    path("password/", views.password, name="password"),
    path("tokens/", views.token_make, name="token-make"),
    path("tokens/<int:token_id>/revoke/", views.token_revoke, name="token-revoke"),
]
