"""Prints the credentials of a demo client and of the gateway as shell exports."""

import json
import os
import shlex
import urllib.request

URL = os.environ["PANEL_URL"]


def call(path, body=None):
    """A JSON request; its reply."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(URL + path, data, headers)
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.load(reply)


def sign_in(login):
    """A new session's token."""
    credentials = {"email": login["email"], "password": login["password"]}
    return call("/v1/auth/login", credentials)["token"]


if __name__ == "__main__":
    info = call("/_local/info")
    demo = info["demo"][0]
    exports = {
        "PANEL_SESSION": sign_in(demo),
        "PANEL_SERVICE_KEY": info["service_key"],
        "PANEL_EMAIL": demo["email"],
        "PANEL_PASSWORD": demo["password"],
    }
    for name, value in exports.items():
        print(f"export {name}={shlex.quote(value)}")
