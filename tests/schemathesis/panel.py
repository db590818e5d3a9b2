"""The running panel at `PANEL_URL`."""

import json
import os
import urllib.request

URL = os.environ["PANEL_URL"]


def call(path, body=None):
    """A JSON request; its reply."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(URL + path, data, headers)
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.load(reply)


def sign_in():
    """The token of a new session of a demo client."""
    demo = call("/_local/info")["demo"][0]
    credentials = {"email": demo["email"], "password": demo["password"]}
    return call("/v1/auth/login", credentials)["token"]
