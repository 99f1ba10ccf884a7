"""The Web API as Slack's own client uses it, over the loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from licbot.sandbox import limits
from licbot.sandbox.records import Json
from licbot.sandbox.workspace import Workspace
from tests.sandbox.conftest import Clock

pytestmark = pytest.mark.asyncio(loop_scope="session")

MODAL: Json = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Licences"},
    "submit": {"type": "plain_text", "text": "OK"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}
HOME: Json = {"type": "home", "blocks": [{"type": "divider"}]}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def refusal(call: Any) -> Json:
    """The answer to a call that is refused."""
    with pytest.raises(SlackApiError) as refused:
        await call
    answer: Json = refused.value.response.data
    return answer


async def error(call: Any) -> str:
    """The error code of a call that is refused."""
    return str((await refusal(call))["error"])


async def test_the_app_learns_who_it_is(client: AsyncWebClient, workspace: Workspace) -> None:
    answer = await client.auth_test()

    assert answer["user_id"] == workspace.app.bot_user_id
    assert answer["bot_id"] == workspace.app.bot_id
    assert "chat:write" in answer.headers["x-oauth-scopes"]


async def test_a_missing_or_wrong_token_is_refused(served: str) -> None:
    nobody = AsyncWebClient(base_url=f"{served}/api/")
    stranger = AsyncWebClient(token="xoxb-other", base_url=f"{served}/api/")
    wrong_kind = AsyncWebClient(token="xapp-local", base_url=f"{served}/api/")

    assert await error(nobody.auth_test()) == "not_authed"
    assert await error(stranger.auth_test()) == "invalid_auth"
    assert await error(wrong_kind.auth_test()) == "not_allowed_token_type"


async def test_unknown_methods_are_refused(client: AsyncWebClient) -> None:
    answer = await refusal(client.api_call("licences.activate"))

    assert (answer["error"], answer["req_method"]) == ("unknown_method", "licences.activate")


async def test_api_test_gives_back_what_it_gets(client: AsyncWebClient) -> None:
    assert (await client.api_test(foo="bar"))["args"]["foo"] == "bar"
    assert await error(client.api_test(error="my_error")) == "my_error"


@pytest.mark.parametrize("form", ["query", "form", "json", "query and form"])
async def test_arguments_are_read_in_every_form(
    served: str, workspace: Workspace, form: str
) -> None:
    arguments: Json = {"channel": "CLICENCES", "text": "Hello", "blocks": [section("Hi")]}
    encoded = arguments | {"blocks": json.dumps(arguments["blocks"])}
    url, bearer = f"{served}/api/chat.postMessage", {"authorization": "Bearer xoxb-local"}

    async with httpx.AsyncClient(headers=bearer) as http:
        if form == "query":
            answer = await http.get(url, params=encoded)
        elif form == "form":
            answer = await http.post(url, data=encoded)
        elif form == "json":
            answer = await http.post(url, json=arguments)
        else:
            rest = {"blocks": encoded.pop("blocks")}
            answer = await http.post(url, params=encoded, data=rest)

    assert answer.json()["ok"] is True
    assert workspace.calls[-1].arguments == arguments


async def test_the_token_may_come_as_an_argument_and_is_never_kept(
    served: str, workspace: Workspace
) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{served}/api/auth.test", data={"token": "xoxb-local"})

    assert answer.json()["ok"] is True
    assert "xoxb" not in repr(workspace.calls)


async def test_a_body_that_is_no_json_is_refused(served: str) -> None:
    headers = {"authorization": "Bearer xoxb-local", "content-type": "application/json"}
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{served}/api/auth.test", content="{", headers=headers)

    assert answer.json() == {"ok": False, "error": "invalid_json"}


async def test_messages_are_posted_updated_and_deleted(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    posted = await client.chat_postMessage(channel="CLICENCES", text="One", blocks=[section("One")])
    assert posted["message"]["blocks"][0]["text"]["verbatim"] is False
    assert posted["message"]["bot_id"] == workspace.app.bot_id

    updated = await client.chat_update(channel="CLICENCES", ts=posted["ts"], text="Two")
    assert updated["text"] == "Two"
    assert workspace.messages[posted["ts"]].blocks, "blocks that are not given stay"

    bare = {"channel": "CLICENCES", "ts": posted["ts"], "blocks": []}
    await client.api_call("chat.update", json=bare)
    assert workspace.messages[posted["ts"]].blocks == []
    assert workspace.messages[posted["ts"]].text == "Two"
    nothing = client.api_call("chat.update", json={"channel": "CLICENCES", "ts": posted["ts"]})
    assert await error(nothing) == "no_text"

    await client.chat_delete(channel="CLICENCES", ts=posted["ts"])
    assert workspace.visible("CLICENCES", "UANNA") == []
    gone = client.chat_update(channel="CLICENCES", ts=posted["ts"], text="Three")
    assert await error(gone) == "message_not_found"


async def test_time_stamps_are_unique_and_increase_while_the_clock_stands(
    client: AsyncWebClient,
) -> None:
    stamps = [(await client.chat_postMessage(channel="CLICENCES", text="x"))["ts"] for _ in "abc"]

    assert stamps == sorted(set(stamps))


async def test_a_message_can_be_sent_to_a_channel_by_name_and_to_a_person(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    named = await client.chat_postMessage(channel="#licences", text="Hi")
    direct = await client.chat_postMessage(channel="UANNA", text="Hi Anna")

    assert named["channel"] == "CLICENCES"
    assert workspace.channels[direct["channel"]].kind == "im"


async def test_metadata_comes_back_with_the_message(client: AsyncWebClient) -> None:
    metadata = {"event_type": "activation", "event_payload": {"id": "1"}}
    posted = await client.chat_postMessage(channel="CLICENCES", text="x", metadata=metadata)

    assert posted["message"]["metadata"] == metadata


async def test_ephemeral_messages_are_seen_by_one_person_and_cannot_be_updated(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    sent = await client.chat_postEphemeral(channel="CLICENCES", user="UANNA", text="Psst")

    assert len(workspace.visible("CLICENCES", "UANNA")) == 1
    assert workspace.visible("CLICENCES", "UBEN") == []
    update = client.chat_update(channel="CLICENCES", ts=sent["message_ts"], text="Hm")
    assert await error(update) == "message_not_found"


async def test_only_who_is_in_the_channel_gets_an_ephemeral_message(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.add_user("eva", id="UEVA")

    sent = client.chat_postEphemeral(channel="CLICENCES", user="UEVA", text="Psst")
    assert await error(sent) == "user_not_in_channel"
    unknown = client.chat_postEphemeral(channel="CLICENCES", user="UNOBODY", text="Psst")
    assert await error(unknown) == "user_not_found"


async def test_channels_that_the_bot_is_not_in_are_closed_to_it(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    public = workspace.add_channel("random", members=["UANNA"], bot=False)
    private = workspace.add_channel("board", private=True, members=["UANNA"], bot=False)

    assert await error(client.chat_postMessage(channel=public.id, text="x")) == "not_in_channel"
    assert await error(client.chat_postMessage(channel=private.id, text="x")) == "channel_not_found"
    assert await error(client.chat_postMessage(channel="CNONE", text="x")) == "channel_not_found"


async def test_messages_of_people_cannot_be_changed_by_the_bot(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    ts = workspace.post("CLICENCES", "UANNA", "Mine").ts

    update = client.chat_update(channel="CLICENCES", ts=ts, text="Yours")
    assert await error(update) == "cant_update_message"
    assert await error(client.chat_delete(channel="CLICENCES", ts=ts)) == "cant_delete_message"


async def test_bad_messages_are_refused_with_the_place_of_the_fault(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    def post(**content: Any) -> Any:
        arguments = {"channel": "CLICENCES", **content}
        return client.api_call("chat.postMessage", json=arguments)

    assert await error(post(text="")) == "no_text"
    assert await error(post(text="x" * (limits.MESSAGE_TEXT + 1))) == "msg_too_long"
    assert await error(post(text="a < b")) == "invalid_text_escaping"
    assert await error(post(text="x", blocks="[")) == "invalid_blocks_format"
    assert await error(post(text="x", blocks='{"type": "divider"}')) == "invalid_blocks_format"
    answer = await refusal(post(text="x", blocks=[section("y" * 3001)]))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert workspace.messages == {}
    assert workspace.accepted == []
    assert len(workspace.refused) == 5


async def test_a_permalink_leads_to_the_message(client: AsyncWebClient, served: str) -> None:
    ts = (await client.chat_postMessage(channel="CLICENCES", text="x"))["ts"]

    answer = await client.chat_getPermalink(channel="CLICENCES", message_ts=ts)
    assert answer["permalink"] == f"{served}/archives/CLICENCES/p{ts.replace('.', '')}"
    missing = client.chat_getPermalink(channel="CLICENCES", message_ts="1.000001")
    assert await error(missing) == "message_not_found"


async def test_a_trigger_opens_one_view_within_three_seconds(
    client: AsyncWebClient, workspace: Workspace, clock: Clock
) -> None:
    trigger, late = workspace.issue_trigger("UANNA"), workspace.issue_trigger("UANNA")

    opened = await client.views_open(trigger_id=trigger, view=MODAL)
    assert opened["view"]["root_view_id"] == opened["view"]["id"]
    assert opened["view"]["state"]["values"]["name"]["text"]["value"] is None
    again = client.views_open(trigger_id=trigger, view=MODAL)
    assert await error(again) == "exchanged_trigger_id"

    clock.now += limits.TRIGGER_ID_SECONDS + 0.1
    assert await error(client.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
    assert await error(client.views_open(trigger_id="1.2", view=MODAL)) == "invalid_trigger_id"
    home = client.views_open(trigger_id=workspace.issue_trigger("UANNA"), view=HOME)
    assert await error(home) == "invalid_arguments"


async def test_a_bad_view_is_refused_and_leaves_the_trigger_unused(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    trigger = workspace.issue_trigger("UANNA")
    answer = await refusal(client.views_open(trigger_id=trigger, view={**MODAL, "submit": None}))

    assert answer["error"] == "invalid_arguments"
    assert "[json-pointer:/view/submit]" in answer["response_metadata"]["messages"][0]
    assert (await client.views_open(trigger_id=trigger, view=MODAL))["ok"]


async def test_a_view_that_is_too_large_is_refused(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    long = [section("ä" * 3000) for _ in range(50)]

    opened = client.views_open(
        trigger_id=workspace.issue_trigger("UANNA"), view={**MODAL, "blocks": long}
    )
    assert await error(opened) == "view_too_large"


async def test_views_are_pushed_up_to_three(client: AsyncWebClient, workspace: Workspace) -> None:
    first = await client.views_open(trigger_id=workspace.issue_trigger("UANNA"), view=MODAL)
    inside = first["view"]["id"]

    def push() -> Any:
        trigger = workspace.issue_trigger("UANNA", inside)
        return client.views_push(trigger_id=trigger, view=MODAL)

    second = await push()
    assert second["view"]["previous_view_id"] == inside
    assert second["view"]["root_view_id"] == inside
    await push()
    assert await error(push()) == "push_limit_reached"


async def test_a_view_is_pushed_only_from_within_a_modal(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    outside = client.views_push(trigger_id=workspace.issue_trigger("UANNA"), view=MODAL)

    assert await error(outside) == "not_found"


async def test_an_update_with_a_stale_hash_is_refused(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    opened = await client.views_open(trigger_id=workspace.issue_trigger("UANNA"), view=MODAL)
    view_id, first = opened["view"]["id"], opened["view"]["hash"]

    updated = await client.views_update(view_id=view_id, hash=first, view=MODAL)
    assert updated["view"]["hash"] != first
    stale = client.views_update(view_id=view_id, hash=first, view=MODAL)
    assert await error(stale) == "hash_conflict"
    assert await error(client.views_update(view_id="V0", view=MODAL)) == "not_found"
    assert await error(client.views_update(view_id=view_id, view=HOME)) == "invalid_arguments"


async def test_a_view_can_be_named_by_the_app_once(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    named = {**MODAL, "external_id": "mine"}
    await client.views_open(trigger_id=workspace.issue_trigger("UANNA"), view=named)

    assert (await client.views_update(external_id="mine", view=named))["ok"]
    twice = client.views_open(trigger_id=workspace.issue_trigger("UBEN"), view=named)
    assert await error(twice) == "duplicate_external_id"


async def test_what_was_typed_survives_an_update_of_the_same_input(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    opened = await client.views_open(trigger_id=workspace.issue_trigger("UANNA"), view=MODAL)
    view = workspace.stack("UANNA")[0]
    view.state["name"]["text"]["value"] = "Anna"

    kept = await client.views_update(view_id=view.id, view=MODAL)
    renamed = {**MODAL, "blocks": [{**MODAL["blocks"][0], "block_id": "other"}]}
    fresh = await client.views_update(view_id=opened["view"]["id"], view=renamed)

    assert kept["view"]["state"]["values"]["name"]["text"]["value"] == "Anna"
    assert fresh["view"]["state"]["values"]["other"]["text"]["value"] is None


async def test_the_home_tab_is_published_with_its_hash_checked(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    first = await client.views_publish(user_id="UANNA", view=HOME)
    second = await client.views_publish(user_id="UANNA", view=HOME, hash=first["view"]["hash"])

    assert second["view"]["id"] == first["view"]["id"]
    stale = client.views_publish(user_id="UANNA", view=HOME, hash=first["view"]["hash"])
    assert await error(stale) == "hash_conflict"
    assert await error(client.views_publish(user_id="UNOBODY", view=HOME)) == "user_not_found"
    assert await error(client.views_publish(user_id="UBEN", view=MODAL)) == "invalid_arguments"
    assert "UBEN" not in workspace.homes


async def test_people_are_found_by_id_and_by_address(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.add_user("old", email="old@example.com", deleted=True)

    anna = await client.users_info(user="UANNA")
    found = await client.users_lookupByEmail(email="Anna@Example.com")

    assert anna["user"]["profile"]["email"] == "anna@example.com"
    assert (anna["user"]["is_admin"], anna["user"]["is_email_confirmed"]) == (True, True)
    assert "locale" not in anna["user"]
    assert (await client.users_info(user="UANNA", include_locale=True))["user"]["locale"] == "en-GB"
    assert found["user"]["id"] == "UANNA"
    assert await error(client.users_lookupByEmail(email="old@example.com")) == "users_not_found"
    assert await error(client.users_info(user="UNOBODY")) == "user_not_found"


async def test_people_are_listed_page_by_page(client: AsyncWebClient) -> None:
    pages = [page["members"] async for page in await client.users_list(limit=2)]

    assert [len(page) for page in pages] == [2, 1]


async def test_conversations_are_listed_opened_and_described(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.add_channel("board", private=True, members=["UANNA"])

    public = await client.conversations_list()
    every = await client.conversations_list(types="public_channel,private_channel,im")
    opened = await client.conversations_open(users="UANNA")
    full = await client.conversations_open(users="UANNA", return_im=True)
    info = await client.conversations_info(channel="CLICENCES")
    members = await client.conversations_members(channel="CLICENCES")
    own = await client.users_conversations(types="private_channel")

    assert [c["name"] for c in public["channels"]] == ["licences"]
    assert {c["name"] for c in every["channels"]} == {"licences", "board"}
    assert full["channel"]["user"] == "UANNA"
    assert full["channel"]["id"] == opened["channel"]["id"]
    assert info["channel"]["is_member"] is True
    assert members["members"] == ["UANNA", "UBEN", workspace.app.bot_user_id]
    assert [c["name"] for c in own["channels"]] == ["board"]
    assert await error(client.conversations_info(channel="CNONE")) == "channel_not_found"


async def test_only_one_living_person_is_opened_a_conversation_with(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    gone = workspace.add_user("gone", deleted=True)

    assert await error(client.conversations_open(users=gone.id)) == "user_disabled"
    several = client.conversations_open(users="UANNA,UBEN")
    assert await error(several) == "method_not_supported_for_channel_type"


async def test_the_team_the_bot_and_user_groups_are_described(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.usergroups["S1"] = ["UANNA"]

    assert (await client.team_info())["team"]["id"] == workspace.team.id
    assert (await client.bots_info(bot=workspace.app.bot_id))["bot"]["name"] == "licbot"
    assert (await client.usergroups_users_list(usergroup="S1"))["users"] == ["UANNA"]
    assert await error(client.bots_info(bot="B0")) == "bot_not_found"
    assert await error(client.usergroups_users_list(usergroup="S0")) == "no_such_subteam"
    assert await error(client.api_call("users.info")) == "invalid_arguments"


SCOPED: list[tuple[str, str, Json]] = [
    ("chat.postMessage", "chat:write", {"channel": "CLICENCES", "text": "x"}),
    ("users.info", "users:read", {"user": "UANNA"}),
    ("users.list", "users:read", {}),
    ("users.lookupByEmail", "users:read.email", {"email": "anna@example.com"}),
    ("conversations.list", "channels:read", {}),
    ("conversations.info", "channels:read", {"channel": "CLICENCES"}),
    ("conversations.open", "im:write", {"users": "UANNA"}),
    ("files.getUploadURLExternal", "files:write", {"filename": "a.lic", "length": 3}),
    ("files.info", "files:read", {"file": "F1"}),
    ("team.info", "team:read", {}),
    ("usergroups.users.list", "usergroups:read", {"usergroup": "S1"}),
]


@pytest.mark.parametrize(("method", "scope", "arguments"), SCOPED)
async def test_a_method_needs_its_scope(
    client: AsyncWebClient, workspace: Workspace, method: str, scope: str, arguments: Json
) -> None:
    workspace.grant(*(workspace.app.scopes - {scope}))
    answer = await refusal(client.api_call(method, params=arguments))

    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
    assert scope not in answer["provided"].split(",")


async def test_without_its_scope_addresses_are_left_out(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.grant("users:read")

    assert "email" not in (await client.users_info(user="UANNA"))["user"]["profile"]


async def test_too_many_calls_are_told_to_wait(
    client: AsyncWebClient, workspace: Workspace, clock: Clock
) -> None:
    workspace.enforce_rates = True
    other = workspace.add_channel("other")

    await client.chat_postMessage(channel="CLICENCES", text="One")
    await client.chat_postMessage(channel=other.id, text="Elsewhere")
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(channel="CLICENCES", text="Two")
    clock.now += 1
    await client.chat_postMessage(channel="CLICENCES", text="Two")
    for _ in range(limits.TIER_PER_MINUTE[2]):
        await client.users_list()

    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "1"
    assert await error(client.users_list()) == "ratelimited"
    assert (await client.auth_test())["ok"]


async def test_calls_fail_on_request(client: AsyncWebClient, workspace: Workspace) -> None:
    workspace.fail_next("auth.test", error="internal_error", status=500)
    workspace.fail_next("auth.test", body="<html>upstream</html>", status=502)
    workspace.rate_limit_next("auth.test", 7)

    assert await error(client.auth_test()) == "internal_error"
    with pytest.raises(SlackApiError) as broken:
        await client.auth_test()
    assert broken.value.response.status_code == 502
    with pytest.raises(SlackApiError) as limited:
        await client.auth_test()
    assert limited.value.response.headers["Retry-After"] == "7"
    assert (await client.auth_test())["ok"]
    assert [call.status for call in workspace.calls] == [500, 502, 429, 200]


async def test_files_are_uploaded_shared_and_fetched_with_the_token(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    sent = await client.files_upload_v2(
        filename="report.csv",
        title="Report",
        content="a;b",
        channel="CLICENCES",
        initial_comment="Here it is",
    )
    info = await client.files_info(file=sent["file"]["id"])
    address = info["file"]["url_private_download"]

    async with httpx.AsyncClient() as http:
        fetched = await http.get(address, headers={"authorization": "Bearer xoxb-local"})
        refused = await http.get(address)
        missing = await http.get(
            address.replace(info["file"]["id"], "F0"),
            headers={"authorization": "Bearer xoxb-local"},
        )

    assert fetched.content == b"a;b"
    assert (refused.status_code, missing.status_code) == (403, 404)
    message = workspace.visible("CLICENCES", "UANNA")[-1]
    assert (message.text, message.files) == ("Here it is", [sent["file"]["id"]])
    assert info["file"]["channels"] == ["CLICENCES"]


async def test_a_file_that_never_came_cannot_be_shared(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    promised = await client.files_getUploadURLExternal(filename="a.lic", length=3)

    shared = client.files_completeUploadExternal(files=[{"id": promised["file_id"]}])
    assert await error(shared) == "file_not_found"
    assert await error(client.files_info(file=promised["file_id"])) == "file_not_found"
    nothing = client.files_getUploadURLExternal(filename="a.lic", length=0)
    assert await error(nothing) == "invalid_arguments"
    assert await error(client.files_completeUploadExternal(files=[])) == "invalid_arguments"
    async with httpx.AsyncClient() as http:
        wrong = await http.post(f"{workspace.base_url}/upload/F0", content=b"x")
    assert wrong.status_code == 404


async def test_a_file_can_be_sent_as_a_form(client: AsyncWebClient, workspace: Workspace) -> None:
    promised = await client.files_getUploadURLExternal(filename="a.lic", length=3)
    async with httpx.AsyncClient() as http:
        sent = await http.post(promised["upload_url"], files={"file": ("a.lic", b"abc")})
        empty = await http.post(promised["upload_url"], files={}, data={"a": "b"})

    assert sent.text == "OK - 3"
    assert empty.status_code == 200
    workspace.add_channel("closed", members=[], bot=False)
    closed = client.files_completeUploadExternal(
        files=[{"id": promised["file_id"]}], channel_id="#closed"
    )
    assert await error(closed) == "not_in_channel"


async def test_socket_mode_connections_are_opened_with_the_app_token(
    client: AsyncWebClient, workspace: Workspace, served: str
) -> None:
    opened = await client.apps_connections_open(app_token="xapp-local")

    assert opened["url"].startswith(served.replace("http", "ws"))
    assert await error(client.apps_connections_open(app_token="xoxb-local")) == (
        "not_allowed_token_type"
    )


SAMPLED: list[tuple[str, Json, str]] = [
    ("auth.test", {}, ""),
    ("team.info", {}, "team"),
    ("users.info", {"user": "UANNA", "include_locale": "true"}, "user"),
    ("users.lookupByEmail", {"email": "anna@example.com"}, "user"),
    ("users.list", {}, "members"),
    ("conversations.info", {"channel": "CLICENCES"}, "channel"),
    ("conversations.list", {}, "channels"),
    ("conversations.members", {"channel": "CLICENCES"}, ""),
    ("bots.info", {"bot": "B0000000001"}, "bot"),
    ("usergroups.users.list", {"usergroup": "S1"}, ""),
]


@pytest.mark.parametrize(("method", "arguments", "part"), SAMPLED)
async def test_answers_have_no_key_that_slacks_have_not(
    client: AsyncWebClient,
    workspace: Workspace,
    sample: Callable[[str], Any],
    method: str,
    arguments: Json,
    part: str,
) -> None:
    workspace.usergroups["S1"] = ["UANNA"]
    known = sample(f"api/{method}.json")
    answer: Any = (await client.api_call(method, params=arguments)).data

    assert answer.keys() <= known.keys()
    inner, sampled = (answer[part], known[part]) if part else ({}, {})
    if isinstance(inner, list):
        inner, sampled = inner[0], sampled[0]
    assert inner.keys() <= sampled.keys()
    assert inner.get("profile", {}).keys() <= sampled.get("profile", {}).keys()
