"""What is said of a licence file that was handed over."""

from licbot.flows.card import card_link
from licbot.flows.load import Loaded, Outcome
from licbot.ports.ports import Ports
from licbot.ports.texts import bold, clip, plain

MOST_UNDER = 900
"""Characters under a field."""

CHOOSE_ONE = "Choose one licence file, then press OK."
CHOOSE_A_SYSTEM = "Choose the product that the licence is for, then press OK."
EMPTY = (
    "This file is empty. Choose the licence file exactly as its issuer sent it, "
    "or ask for it again."
)
TOO_LARGE = (
    "This file is larger than 1 MiB, so it is no licence file. "
    "Choose the one that your issuer sent you."
)
OUT_OF_REACH = (
    "The licensed system can't be reached, so the licence could not be checked. "
    "Wait a moment, then press OK again."
)
RUNNING = (
    "A licence of this issuer is being activated right now. Wait for its result in the licence "
    "channel; if this file is still newer then, load it again."
)
OUTDONE = (
    "A licence that is as new as this one, or newer, is waiting already: number {waiting}, and "
    "this one has the number {brought}. Go on with the one that waits, in the licence channel, "
    "or ask the issuer for a newer one."
)


def under(words: str) -> str:
    """Words to be shown under a field, where Slack interprets nothing."""
    return plain(words, MOST_UNDER).text


def refusal(loaded: Loaded) -> str:
    """Why a good licence goes no further; empty where it does, or did before."""
    if loaded.outcome is Outcome.RUNNING:
        return RUNNING
    if loaded.outcome is Outcome.OUTDONE:
        return OUTDONE.format(waiting=loaded.activation.sequence, brought=loaded.brought)
    return ""


async def gone_on(loaded: Loaded, name: str, ports: Ports) -> str:
    """What comes next of a licence that waits now, or did before."""
    shown = bold(clip(name, 80))
    if loaded.outcome is Outcome.BEGUN:
        channel = ports.policy.channel
        return f"{shown} holds a new licence. Its message is about to appear in <#{channel}>."
    link = await card_link(ports, loaded.activation.id)
    message = f"<{link}|Open its message>" if link else "Look at its message in the licence channel"
    if loaded.outcome is Outcome.SET_ASIDE:
        return (
            f"The licence in {shown} is known: it was set aside. {message} to see why, and to "
            "take it up again."
        )
    return f"The licence in {shown} is waiting already. {message} to go on."
