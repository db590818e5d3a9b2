"""Serves a public emulator of the payment provider's API on a port of 127.0.0.1: the independent judge of the adapter.

It is written for a Python that reads annotations lazily; an older one is told to.
"""

import __future__
import importlib.machinery
import sys

loader = importlib.machinery.SourceFileLoader
plainly = loader.source_to_code


def lazily(self, data, path, *, _optimize=-1):
    if "seahaven" not in str(path):
        return plainly(self, data, path, _optimize=_optimize)
    flags = __future__.annotations.compiler_flag
    return compile(data, path, "exec", flags=flags, dont_inherit=True, optimize=_optimize)


loader.source_to_code = lazily
# What was compiled otherwise, when it was installed, is left unread.
sys.dont_write_bytecode = True
sys.pycache_prefix = "/dev/null"

from seahaven.http import main  # noqa: E402
from seahaven_stripe_world import world  # noqa: E402
from seahaven_stripe_world.http_api import handle  # noqa: E402

options = ["--host", "127.0.0.1", "--reset-options", '{"startup": {"livemode": false}}']
main(world, handle, [*options, "--port", sys.argv[1]])
