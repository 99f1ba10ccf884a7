"""How much it takes to read a large tenant: requests, seconds, and the most memory at once.

``python -m tests.plugins.superoffice.reading_bench 50000`` prints them as JSON. The tenant makes
up its pages as they are asked for, so that the memory is licbot's own.
"""

import asyncio
import json
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import structlog

from licbot.domain.people import HolderQuery
from tests.plugins.superoffice.data_support import scripted

PLANS = ("sales", "service", "marketing")
LICENCES = (*PLANS, "visible-for", "travel", "chat")


def module(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "ModuleName": name,
        "LicenseType": "UserLicense",
        "NumberOfLicenses": number,
        **more,
    }


def installed(people: int) -> Sequence[Mapping[str, Any]]:
    """Three plans with hidden licences, and as many licences besides."""
    plan = {"ExtraFlags": 1, "ExtraInfo": "set=user,web"}
    modules = [module(name, people, **(plan if name in PLANS else {})) for name in LICENCES]
    modules += [module(name, people, IsHidden=True) for name in ("user", "web")]
    return [{"Current": {"OwnerName": "SUPEROFFICE", "ModuleLicenses": modules}}]


def holds(number: int, entity: str) -> bool:
    """Everybody has one plan; the other licences everybody has."""
    name = entity.removeprefix("superoffice_")
    return name not in PLANS or PLANS[number % len(PLANS)] == name


class Tenant:
    """Answers as a tenant with so many associates would. listed: licences that lists have."""

    def __init__(self, people: int, listed: Sequence[str] = LICENCES) -> None:
        self.people = people
        self.listed = listed
        self.requests = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        path = request.url.path.partition("/api/v1/")[2]
        if path.startswith("Archive/"):
            return httpx.Response(200, json=self._archive(path.split("/"), request.url.params))
        return httpx.Response(200, json=installed(self.people) if "FromDB" in path else [])

    def _archive(self, path: list[str], params: Mapping[str, str]) -> Mapping[str, Any]:
        if path[-1] == "$metadata":
            names = ["all", "associateDbId", "fullName", "personEmail", "role", "canLogin"]
            return {
                "value": [{"name": n} for n in [*names, *(f"superoffice_{x}" for x in self.listed)]]
            }
        if path[1] != "InternalUsers":
            return {"value": []}
        skip, top = int(params.get("$skip", 0)), int(params["$top"])
        entity = params.get("$entities", "all")
        ids = [n for n in range(self.people) if holds(n, entity)][skip : skip + top + 1]
        query = httpx.QueryParams({**params, "$skip": skip + top})
        link = f"https://crm.example.com/next?{query}" if len(ids) > top else None
        return {"odata.nextLink": link, "value": [_row(each, params) for each in ids[:top]]}


def _row(number: int, params: Mapping[str, str]) -> Mapping[str, Any]:
    row = {"PrimaryKey": str(number + 1), "EntityName": "all", "associateDbId": number + 1}
    if "fullName" in params["$select"]:
        email = f"person.{number}@acme.example"
        row |= {"fullName": f"Person {number}", "personEmail": email, "role": "User level 0"}
        row |= {"canLogin": True}
    return row


async def measure(people: int) -> Mapping[str, float]:
    """Read a tenant of so many people twice, and tell what that took, memory in MB."""
    tenant = Tenant(people)
    with tempfile.TemporaryDirectory() as folder:
        async with scripted(Path(folder), tenant) as made:
            await made.system.refresh()
            tenant.requests = 0
            start = time.perf_counter()
            await made.system.refresh()
            seconds = time.perf_counter() - start
            requests = tenant.requests
            pages = [await made.system.holders(HolderQuery(module=name)) for name in LICENCES]
    assert sum(page.total for page in pages) == people * (1 + len(LICENCES) - len(PLANS))
    return {"requests": requests, "seconds": round(seconds, 1), "peak": round(_peak())}


def _peak() -> float:
    """The most memory of this program in MB; what resource tells counts who started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sys.stdout.write(json.dumps(asyncio.run(measure(int(sys.argv[1])))))
