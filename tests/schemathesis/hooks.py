"""Who sends the generated requests, and the time that passes between them."""

import functools

import schemathesis

from panel import call, elevated, session, staff

HOUR = 3601
GUESSED = ("/v1/security/password", "/v1/security/2fa/verify")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Limits on guessing see every request from one address, or of one user."""
    if case.path.startswith("/v1/auth/") or case.path in GUESSED:
        call("/_local/clock", {"advance_seconds": HOUR})


class Bearer:
    """A credential in the `Authorization` header."""

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.auth().apply_to(path="/v1/usage/events", method="POST").apply_to(
    path="/v1/gateway/authorize"
)
class Gateway(Bearer):
    """The gateway reports usage and asks about keys with its own key."""

    def get(self, case, context):
        return call("/_local/info")["service_key"]


@schemathesis.auth(refresh_interval=None).apply_to(
    path=[
        "/v1/auth/logout",
        "/v1/auth/sudo",
        "/v1/dashboard",
        "/v1/profile",
        "/v1/security/2fa",
        "/v1/security/2fa/verify",
        "/v1/security/events",
        "/v1/security/password",
        "/v1/usage",
    ]
).apply_to(path="/v1/usage/events", method="GET").apply_to(
    path=["/v1/sessions", "/v1/api-keys", "/v1/security/2fa/backup-codes"], method="GET"
)
class Client(Bearer):
    """A client of the demo company, with a session of its own for every request: some end it."""

    def get(self, case, context):
        return session()


@schemathesis.auth(refresh_interval=None).apply_to(
    path=[
        "/v1/api-keys/{id}",
        "/v1/api-keys/{id}/rotate",
        "/v1/security/2fa/enable",
        "/v1/security/2fa/disable",
        "/v1/sessions/{id}",
    ]
).apply_to(path=["/v1/api-keys", "/v1/security/2fa/backup-codes"], method="POST").apply_to(
    path="/v1/sessions", method="DELETE"
)
class Elevated(Bearer):
    """The same, after the password was given again."""

    def get(self, case, context):
        if case.path == "/v1/security/2fa/disable":
            # Its attempts are counted too, and moving on later would end the elevation.
            call("/_local/clock", {"advance_seconds": HOUR})
        return elevated()


@functools.cache
def one_of_the_staff():
    return staff()


@schemathesis.auth(refresh_interval=None).apply_to(
    path=["/v1/admin/service-keys", "/v1/admin/service-keys/{id}"]
)
class Staff(Bearer):
    """One of the rental company's people, with a second factor."""

    def get(self, case, context):
        return one_of_the_staff()
