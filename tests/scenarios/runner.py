"""licbot as a process of its own: ``python -m tests.scenarios.runner SOCKET HOURS``.

SOCKET: the number of an inherited socket that listens. HOURS: how much later than the stories'
first moment it starts. The settings come from the environment, as ever.
"""

import asyncio
import os
import socket
import sys
from datetime import timedelta

import uvicorn

from licbot.app import open_licbot
from licbot.logs import configure_logs
from licbot.plugins import load_plugins
from licbot.settings import load_settings
from tests.scenarios.customers import NOW
from tests.scenarios.world import MovingClock, patient


async def run(listener: socket.socket, hours: int) -> None:
    """Serve until the process is stopped."""
    clock = MovingClock(NOW + timedelta(hours=hours))
    settings = load_settings(os.environ)
    async with open_licbot(settings, load_plugins(), clock=clock, pace=0) as licbot:
        config = uvicorn.Config(licbot.web(), log_level="warning", ws="none")
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    configure_logs("ERROR")
    with patient():
        asyncio.run(run(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])))
