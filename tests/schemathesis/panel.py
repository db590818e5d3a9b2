"""The running panel at `PANEL_URL`."""

import base64
import hashlib
import hmac
import json
import os
import struct
import urllib.request
from datetime import datetime

URL = os.environ["PANEL_URL"]


def call(path, body=None, token=None):
    """A JSON request; its reply."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(URL + path, data, headers)
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.load(reply)


def session():
    """The token of a new session of the demo client's, without its password."""
    account = call("/_local/info")["demo"][0]["account"]
    return call("/_local/session", {"account": account})["token"]


def elevated():
    """The same, after the password was given again."""
    password = call("/_local/info")["demo"][0]["password"]
    return call("/v1/auth/sudo", {"password": password}, session())["token"]


def staff():
    """A session of the staff's with a second factor, which is turned on."""
    login = call("/_local/info")["staff"]
    credentials = {"email": login["email"], "password": login["password"]}
    token = call("/v1/auth/login", credentials)["token"]
    token = call("/v1/auth/sudo", {"password": login["password"]}, token)["token"]
    secret = call("/v1/security/2fa/enable", {}, token)["secret"]
    call("/v1/security/2fa/verify", {"code": code(secret)}, token)
    return token


def code(secret):
    """The code (RFC 6238) of the panel's present moment."""
    key = base64.b32decode(secret)
    now = call("/_local/clock", {"advance_seconds": 0})["now"]
    now = int(datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp())
    digest = hmac.new(key, struct.pack(">Q", now // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
