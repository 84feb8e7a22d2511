"""Token authentication of the REST API: `Authorization: Bearer fsw_...`."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from mysite.access.services import token_owner


class TokenAuthentication(BaseAuthentication):
    keyword = "Bearer"

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in {b"bearer", b"token"}:
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("The header must read 'Authorization: Bearer TOKEN'.")
        token = token_owner(key=parts[1].decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("This token is unknown or has expired. Make a new one on the account page.")
        return token.user, token

    def authenticate_header(self, request) -> str:
        return self.keyword


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "description": "A token made on the account page."}
