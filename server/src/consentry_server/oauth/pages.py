"""The addresses that people open."""

from django.urls import path

from consentry_server.oauth import authorize, devices

urlpatterns = [
    path("direct-sharing/projects/oauth2/authorize/", authorize.authorize, name="oauth_authorize"),
    path("direct-sharing/authorize-inactive/", authorize.authorize_inactive, name="authorize_inactive"),
    path("device/", devices.device, name="device"),
]
