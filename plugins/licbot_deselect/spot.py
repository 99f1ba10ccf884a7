"""Where someone is in a list of holders: kept in the view, or in a button's value."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from licbot.domain.people import HolderFilter, HolderOrder
from licbot.ports.conversation import Request

PICKED = "picked"
"""The filter that lists those who are picked."""

LOSE = "lose"
"""What is chosen where those who are ticked get nothing instead."""

SEARCH_LENGTH = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """An activation, one of its licences, and what of its holders is listed.

    module: a short form of the licence's key, see module_ref. page: from 0. instead: likewise the
    plan that those get who are ticked from now on; empty where they just lose the licence.
    """

    activation: str
    module: str
    search: str = ""
    filter: str = HolderFilter.ALL
    order: HolderOrder = HolderOrder.LEAST_RECENT
    page: int = 0
    instead: str = ""


def module_ref(key: str) -> str:
    """A short form of a module's key, since names may be longer than Slack's identifiers."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def write_spot(spot: Spot) -> str:
    """A spot as text; under 400 characters."""
    return json.dumps(asdict(spot), ensure_ascii=True, separators=(",", ":"))


def short_spot(spot: Spot) -> str:
    """Activation and licence only, for action_ids."""
    return f"{spot.activation}:{spot.module}"


def read_spot(text: str) -> Spot:
    """A spot of either form; what is not understood stays at its default."""
    if not text.startswith("{"):
        activation, _, module = text.partition(":")
        return Spot(activation=activation, module=module.partition(":")[0])
    kept = json.loads(text)
    return Spot(
        activation=str(kept["activation"]),
        module=str(kept["module"]),
        search=str(kept.get("search", ""))[:SEARCH_LENGTH],
        filter=str(kept.get("filter", HolderFilter.ALL)),
        order=HolderOrder(kept.get("order", HolderOrder.LEAST_RECENT)),
        page=max(0, int(kept.get("page", 0))),
        instead=str(kept.get("instead", "")),
    )


def changed_spot(spot: Spot, request: Request) -> Spot:
    """Where someone gets by what they did."""
    verb = request.action.split(":")[1]
    match verb:
        case "page":
            return replace(spot, page=max(0, int(request.value)))
        case "search":
            return replace(spot, search=request.value.strip()[:SEARCH_LENGTH], page=0)
        case "filter":
            return replace(spot, filter=request.value, page=0)
        case "order":
            return replace(spot, order=HolderOrder(request.value), page=0)
        case "way":
            return replace(spot, instead="" if request.value == LOSE else request.value)
    return spot
