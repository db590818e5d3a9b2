"""Limits on guessing see every generated request from one address: time passes before each."""

import os

import schemathesis

from sign_in import call, sign_in

HOUR = 3601


@schemathesis.hook
def before_call(context, case, kwargs):
    call("/_local/clock", {"advance_seconds": HOUR})


@schemathesis.auth(refresh_interval=None).apply_to(path="/v1/auth/logout")
class FreshSession:
    """Signing out ends the session, so that every request needs one of its own."""

    def get(self, case, context):
        call("/_local/clock", {"advance_seconds": HOUR})
        return sign_in({"email": os.environ["PANEL_EMAIL"], "password": os.environ["PANEL_PASSWORD"]})

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
