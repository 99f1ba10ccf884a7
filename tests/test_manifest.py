"""The manifest asks of Slack what the code uses, all of it and nothing else."""

import ast
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("LICBOT_SHARED") or ROOT.parent / "shared")
SCHEMA = SHARED / "data" / "slack" / "manifest.schema.2.0.0.json"
# What is sent to a real workspace; the sandbox and the fakes answer instead of asking.
SOURCES = ("licbot/slack", "licbot/workflows", "plugins")

SCOPES = {
    "auth_test": set[str](),
    "chat_delete": {"chat:write"},
    "chat_getPermalink": set[str](),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "users_info": {"users:read"},
    "users_lookupByEmail": {"users:read.email"},
    "views_open": set[str](),
    "views_publish": set[str](),
    "views_push": set[str](),
    "views_update": set[str](),
}
# What the code can use and the manifest leaves out until an operator wants it; the README says why.
OPT_IN = {"files:read"}
# The address of a file's content in what Slack sends; fetching it takes a scope.
CONTENT_OF_A_FILE = "url_private_download"
WEB_API = {name for name in dir(AsyncWebClient) if re.fullmatch(r"[a-z]+_[A-Za-z_]+", name)}


@dataclass
class Usage:
    """What the code asks of Slack.

    methods: Web API methods. commands, events: what is listened to. listeners: the kinds of
    listeners. words: every text constant of files which ask for a user's profile.
    downloads: whether the content of files is read.
    """

    methods: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    listeners: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    downloads: bool = False


def sources() -> Iterator[Path]:
    for folder in SOURCES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def constants(trees: list[ast.Module]) -> dict[str, str]:
    """Module-level names of texts, such as COMMAND = "/license"."""
    return {
        target.id: node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def listener(node: ast.AST) -> str | None:
    """The kind of listener which a call such as app.event("…") adds to the app."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    owner = node.func.value
    if isinstance(node.args[0], ast.Constant) and node.func.attr == "command":
        # Commands of a shell, which plugins add for operators, have no slash.
        return "command" if str(node.args[0].value).startswith("/") else None
    return node.func.attr if isinstance(owner, ast.Name) and owner.id == "app" else None


def listened_to(call: ast.Call, names: dict[str, str]) -> str:
    first = call.args[0]
    if isinstance(first, ast.Name) and first.id in names:
        return names[first.id]
    assert isinstance(first, ast.Constant), f"line {first.lineno}: name it by a constant"
    return str(first.value)


def scan() -> Usage:
    usage = Usage()
    trees = [ast.parse(path.read_text(encoding="utf-8"), filename=str(path)) for path in sources()]
    names = constants(trees)
    for tree in trees:
        nodes = list(ast.walk(tree))
        methods = {node.attr for node in nodes if isinstance(node, ast.Attribute)} & WEB_API
        usage.methods |= methods
        words = {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
        usage.downloads |= CONTENT_OF_A_FILE in words
        if "users_info" in methods:
            usage.words |= words
        for node in nodes:
            kind = listener(node)
            if kind and isinstance(node, ast.Call):
                usage.listeners.add(kind)
                if kind == "command":
                    usage.commands.add(listened_to(node, names))
                elif kind == "event":
                    usage.events.add(listened_to(node, names))
    return usage


@pytest.fixture(scope="module")
def usage() -> Usage:
    return scan()


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.skipif(not SCHEMA.exists(), reason="Slack's schema of manifests is not at hand")
def test_slack_accepts_the_manifest(manifest: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    jsonschema.validate(manifest, schema)


def test_every_method_of_the_web_api_in_use_is_known_here_with_its_scopes(usage: Usage) -> None:
    assert usage.methods - set(SCOPES) == set()


def needed_scopes(usage: Usage) -> set[str]:
    needed = {scope for method in usage.methods & set(SCOPES) for scope in SCOPES[method]}
    if usage.commands:
        needed.add("commands")
    # Slack leaves the address out of a profile without a scope of its own.
    if "email" in usage.words:
        needed.add("users:read.email")
    if usage.downloads:
        needed.add("files:read")
    return needed


def test_the_scopes_are_those_which_the_code_needs(usage: Usage, manifest: dict[str, Any]) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed_scopes(usage) - OPT_IN
    assert set(manifest["oauth_config"]["scopes"]) == {"bot"}


def test_an_opt_in_scope_is_one_that_the_code_can_use(usage: Usage) -> None:
    assert needed_scopes(usage) & OPT_IN == OPT_IN


def test_the_manifest_offers_each_opt_in_scope_as_a_comment_with_its_reason() -> None:
    lines = (ROOT / "manifest.yml").read_text(encoding="utf-8").splitlines()
    offered = {
        match[1]: reason
        for reason, line in pairwise(lines)
        if (match := re.fullmatch(r" +# - ([a-z.:]+)", line))
    }

    assert set(offered) == OPT_IN
    assert all(re.fullmatch(r" +# Only if .+:", reason) for reason in offered.values())


def test_the_manifest_is_valid_with_every_opt_in_scope(usage: Usage) -> None:
    text = (ROOT / "manifest.yml").read_text(encoding="utf-8")
    opted = yaml.safe_load(re.sub(r"# - (?=[a-z.:]+$)", "- ", text, flags=re.M))

    assert set(opted["oauth_config"]["scopes"]["bot"]) == needed_scopes(usage)


def test_the_commands_are_those_which_the_code_answers(
    usage: Usage, manifest: dict[str, Any]
) -> None:
    commands = {each["command"] for each in manifest["features"]["slash_commands"]}

    assert commands == usage.commands


def test_the_events_are_those_which_the_code_listens_to(
    usage: Usage, manifest: dict[str, Any]
) -> None:
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == usage.events


def test_interactivity_is_on_for_what_the_code_listens_to(
    usage: Usage, manifest: dict[str, Any]
) -> None:
    interactivity = manifest["settings"]["interactivity"]

    assert interactivity["is_enabled"] is bool({"action", "view"} & usage.listeners)
    assert ("message_menu_options_url" in interactivity) is ("options" in usage.listeners)


def test_all_requests_go_to_one_address(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    addresses = {
        *(each["url"] for each in manifest["features"]["slash_commands"]),
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        settings["interactivity"]["message_menu_options_url"],
    }

    assert addresses == {"https://licbot.example.com/slack/events"}


def test_the_readme_gives_the_reason_of_each_scope_and_of_no_other(
    manifest: dict[str, Any],
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## What licbot may do in Slack\n")[2].partition("\n## ")[0]
    always, _, opt_in = section.partition("| opt-in scope | reason |\n")

    assert reasons(always) == set(manifest["oauth_config"]["scopes"]["bot"])
    assert reasons(opt_in) == OPT_IN


def reasons(table: str) -> set[str]:
    """The scopes of a table that have a reason there."""
    return set(re.findall(r"^\| `([a-z.:]+)` \| to .+ \|$", table, re.M))
