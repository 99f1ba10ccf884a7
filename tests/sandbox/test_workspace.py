"""The workspace tells whoever listens what changed, and for whom."""

from __future__ import annotations

import asyncio

import pytest

from licbot.sandbox.records import Change
from licbot.sandbox.workspace import Workspace


async def test_listeners_hear_of_changes_from_the_moment_they_listen(
    workspace: Workspace,
) -> None:
    workspace.post("CLICENCES", "UANNA", "Before")
    with workspace.listening() as first, workspace.listening() as second:
        ts = workspace.post("CLICENCES", "UANNA", "After").ts

        expected = Change(kind="message", channel="CLICENCES", ts=ts)
        assert await first.get() == await second.get() == expected
        assert first.empty()


async def test_changes_of_one_person_name_that_person(workspace: Workspace) -> None:
    divider = [{"type": "divider"}]
    with workspace.listening() as changes:
        workspace.tell("UANNA", "CLICENCES", "Psst")
        workspace.open_view("UANNA", {"type": "modal", "blocks": divider})
        workspace.clear_views("UANNA")
        workspace.publish_home("UANNA", {"type": "home", "blocks": divider})
        heard = [changes.get_nowait() for _ in range(changes.qsize())]

    assert [(c.kind, c.user) for c in heard] == [
        ("message", "UANNA"),
        ("view", "UANNA"),
        ("view", "UANNA"),
        ("home", "UANNA"),
    ]


async def test_the_feed_of_changes_stops_listening_when_it_is_closed(
    workspace: Workspace,
) -> None:
    feed = workspace.changes()
    asyncio.get_running_loop().call_soon(workspace.add_user, "late")

    assert (await anext(feed)).kind == "user"
    await feed.aclose()
    workspace.add_user("later")
    with pytest.raises(StopAsyncIteration):
        await anext(feed)


async def test_people_see_only_conversations_that_they_are_in(workspace: Workspace) -> None:
    board = workspace.add_channel("board", private=True, members=["UANNA"])
    workspace.post(board.id, "UANNA", "Secret")

    assert [c.name for c in workspace.channels_of("UBEN")] == ["licences"]
    assert workspace.visible(board.id, "UBEN") == []
    assert len(workspace.visible(board.id, "UANNA")) == 1


def test_direct_messages_are_opened_once(workspace: Workspace) -> None:
    assert workspace.direct_messages("UANNA") is workspace.direct_messages("UANNA")
    assert workspace.direct_messages("UANNA") is not workspace.direct_messages("UBEN")


@pytest.mark.parametrize("scope", ["chat:write", "users:read"])
def test_scopes_can_be_narrowed(workspace: Workspace, scope: str) -> None:
    workspace.grant(scope)

    assert workspace.app.scopes == {scope}
