app_name = "workers"
urlpatterns: list = []
api_urlpatterns: list = []
