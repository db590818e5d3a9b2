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


@functools.cache
def one_of_the_staff():
    return staff()


@functools.cache
def gateway():
    return call("/_local/info")["service_key"]


def credential(access, path):
    """What opens a route of this access; a session of its own for every request: some end it."""
    if access == "public":
        return None
    if access == "service key":
        return gateway()
    if access == "staff":
        return one_of_the_staff()
    # A change of a key may let it do more.
    if not access.endswith("sudo") and path != "/v1/api-keys/{id}":
        return session()
    if path == "/v1/security/2fa/disable":
        # Its attempts are counted too, and moving on later would end the elevation.
        call("/_local/clock", {"advance_seconds": HOUR})
    return elevated()


@schemathesis.auth(refresh_interval=None)
class Bearer:
    """The credential that the row of the route asks for, in the `Authorization` header."""

    def get(self, case, context):
        definition = case.operation.definition.raw
        return credential(definition["x-access"], case.path)

    def set(self, case, data, context):
        if data:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
