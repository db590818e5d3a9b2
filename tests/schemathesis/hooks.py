"""Who sends the generated requests, and the time that passes between them."""

import schemathesis

from panel import call, sign_in

HOUR = 3601


@schemathesis.hook
def before_call(context, case, kwargs):
    """Limits on guessing see every request from one address."""
    if case.path.startswith("/v1/auth/"):
        call("/_local/clock", {"advance_seconds": HOUR})


class Bearer:
    """A credential in the `Authorization` header."""

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.auth().apply_to(path="/v1/usage/events", method="POST")
class Gateway(Bearer):
    """The gateway reports usage with its key."""

    def get(self, case, context):
        return call("/_local/info")["service_key"]


@schemathesis.auth(refresh_interval=None).apply_to(path="/v1/auth/logout")
class Leaving(Bearer):
    """Signing out ends the session: every request needs one of its own."""

    def get(self, case, context):
        return sign_in()


@schemathesis.auth().apply_to(
    path=["/v1/dashboard", "/v1/profile", "/v1/sessions", "/v1/usage"]
).apply_to(path="/v1/usage/events", method="GET")
class Client(Bearer):
    """A client of the demo company."""

    def get(self, case, context):
        return sign_in()
