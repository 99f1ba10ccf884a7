"""Each hook of ``licbot.hookspecs``, with a tiny plugin that implements it and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import pytest
import typer
from slack_sdk.models.blocks import Block, SectionBlock
from typer.testing import CliRunner

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.changes import Change, compare
from licbot.domain.events import Event, OfferFound
from licbot.domain.people import Holder, Person, Role
from licbot.domain.removals import Lane, RemovalAdvice
from licbot.domain.review import Review
from licbot.hookspecs import Page, Part, Shown, SystemContext, SystemKind, hookimpl
from licbot.plugins import OWN_PATHS, PluginError, Plugins
from licbot.ports.conversation import Action, Done, Reply, Request, Step
from licbot.ports.database import Migrations
from licbot.ports.ports import Policy, Ports
from licbot.ports.system import LicensedSystem
from licbot.ports.texts import plain
from licbot.testing import CHANNEL, START, MemorySystem, license_set, module_license, offer, ports

ADA = Person(id="U1", name="ada", email="ada@acme.example")
LICENSE = license_set(module_license("sales", 3))


def plugin(*hooks: Callable[..., Any]) -> ModuleType:
    """A plugin of these hooks."""
    module = ModuleType("tiny")
    for hook in hooks:
        setattr(module, hook.__name__, hook)
    return module


def loaded(*hooks: Callable[..., Any]) -> Plugins:
    """What comes of one tiny plugin."""
    return Plugins({"tiny": plugin(*hooks)})


async def do_nothing(_request: Request, _ports: Ports) -> Reply:
    return Done()


ACT = Action(handler=do_nothing, role=Role.ADMIN)


def words(blocks: Sequence[Block]) -> list[str]:
    """The texts of sections."""
    return [block.to_dict()["text"]["text"] for block in blocks]


def section(text: str) -> Block:
    return SectionBlock(text=plain(text))


def review() -> Review:
    """An offer in review."""
    left = offer(LICENSE)
    return Review(
        activation=Activation(
            id="a1",
            system="crm",
            owner="acme",
            offer_digest=left.digest,
            sequence=1,
            state=ActivationState.REVIEW,
            found_at=START,
            acted_at=START,
        ),
        offer=left,
        installed=None,
        changes=compare(None, LICENSE, {}),
    )


def test_hook_licbot_steps() -> None:
    """A step answers to its words, and its verbs are found; nobody else's are."""

    @hookimpl
    def licbot_steps() -> Sequence[Step]:
        return [
            Step(
                name="vacant",
                summary="which seats are free",
                command=ACT,
                aliases=("free",),
                actions={"show": ACT},
                submissions={"save": ACT},
                suggestions={"find": ACT},
            ),
            Step(name="quiet", summary="has buttons only", actions={"go": ACT}),
            Step(name="away", summary="", command=ACT, is_offered=lambda ports: not ports.systems),
        ]

    plugins = loaded(licbot_steps)
    assert [step.name for step in plugins.steps()] == ["vacant", "quiet", "away"]
    assert plugins.step("free") is plugins.step("vacant") is not None
    assert plugins.step("nothing") is None
    assert list(plugins.words()) == ["vacant", "free", "away"]
    assert [name for name, _ in plugins.summaries(ports())] == ["away", "vacant"]
    assert list(plugins.summaries(ports(MemorySystem()))) == [("vacant", "which seats are free")]
    assert plugins.action("vacant:show:sales:2", "actions") is ACT
    assert plugins.action("vacant:save", "submissions") is ACT
    assert plugins.action("vacant:find", "suggestions") is ACT
    assert plugins.action("vacant:save", "actions") is None
    assert plugins.action("free:show", "actions") is None
    assert plugins.action("nothing:show", "actions") is None


def test_hook_licbot_systems() -> None:
    """A kind is known by its name, says what is wrong with settings, and builds a system."""

    def check(settings: Mapping[str, Any], _folder: str) -> Sequence[str]:
        return [] if "url" in settings else ["It needs an address: set `url`."]

    def build(context: SystemContext) -> LicensedSystem:
        return MemorySystem(context.clock, name=context.name)

    @hookimpl
    def licbot_systems() -> Sequence[SystemKind]:
        return [SystemKind(name="acme", check=check, build=build)]

    kind = loaded(licbot_systems).systems()["acme"]
    assert not kind.keeps_secrets({"url": "https://acme.example"}), "not unless it says so"
    assert kind.check({}, "") == ["It needs an address: set `url`."]
    assert kind.check({"url": "https://acme.example"}, "") == []
    assert kind.build is build


async def test_hook_licbot_pages() -> None:
    """Each page has a path of its own, which is none of licbot's."""

    async def greet(parameters: Mapping[str, str], ports: Ports) -> Shown:
        return Shown(title="Good morning", text=[parameters["name"]])

    def pages(*paths: str) -> ModuleType:
        @hookimpl
        def licbot_pages() -> Sequence[Page]:
            return [Page(path=path, answer=greet) for path in paths]

        return plugin(licbot_pages)

    plugins = Plugins({"one": pages("/acme/sign-in", "/acme"), "two": pages("/beta/sign-in")})
    by_path = {page.path: page for page in plugins.pages()}
    assert sorted(by_path) == ["/acme", "/acme/sign-in", "/beta/sign-in"]
    shown = await by_path["/acme"].answer({"name": "Ada"}, ports())
    assert shown == Shown(title="Good morning", text=["Ada"])
    for path in (*OWN_PATHS, "/acme"):
        with pytest.raises(PluginError, match=f"The path '{path}' is taken"):
            Plugins({"one": pages("/acme"), "two": pages(path)})
    for path in ("", "/", "acme", "acme/sign-in", "/acme/", "//acme", "/{any}", "/a b", "/a?b"):
        with pytest.raises(PluginError, match="is not a path that a page can have"):
            Plugins({"one": pages(path)})


def test_hook_licbot_migrations() -> None:
    """They are run with licbot's own."""
    scripts = Migrations(name="acme", location="acme_licbot:migrations")

    @hookimpl
    def licbot_migrations() -> Sequence[Migrations]:
        return [scripts]

    assert list(loaded(licbot_migrations).migrations()) == [scripts]


def test_hook_licbot_commands() -> None:
    """They stand beside licbot's own."""

    @hookimpl
    def licbot_commands(app: typer.Typer) -> None:
        @app.command()
        def greet(name: str) -> None:
            typer.echo(f"Good morning, {name}.")

    app = typer.Typer()
    app.command("own")(lambda: None)
    loaded(licbot_commands).commands(app)
    result = CliRunner().invoke(app, ["greet", "Ada"])
    assert (result.exit_code, result.output) == (0, "Good morning, Ada.\n")


async def test_hook_licbot_roles() -> None:
    """They add to those that the settings and the systems give; everybody is anyone."""

    @hookimpl
    async def licbot_roles(person: Person, ports: Ports) -> frozenset[Role]:
        return frozenset({Role.APPROVER} if person.id == "U1" and ports.systems else ())

    plugins = loaded(licbot_roles)
    system = MemorySystem()
    system.add(Holder(id="ada", name="Ada", email="ada@acme.example", administrator=True))
    stranger = Person(id="U2", name="bo")
    assert await plugins.roles(ADA, ports(system)) == {
        Role.ANYONE,
        Role.VIEWER,
        Role.ADMIN,
        Role.APPROVER,
    }
    assert await plugins.roles(stranger, ports(system)) == {Role.ANYONE}
    listed = ports(policy=Policy(channel=CHANNEL, administrators=frozenset({"U2"})))
    assert await plugins.roles(stranger, listed) == {Role.ANYONE, Role.VIEWER, Role.ADMIN}
    assert await plugins.roles(ADA, ports()) == {Role.ANYONE}


async def test_hook_licbot_requirements() -> None:
    """What every plugin misses is missing."""

    @hookimpl
    async def licbot_requirements(
        activation: str, changes: Sequence[Change], ports: Ports
    ) -> Sequence[str]:
        seats = sum(change.new_total for change in changes)
        return [f"{activation} needs a second look at {seats} seats."] if seats else []

    two = Plugins({"one": plugin(licbot_requirements), "two": plugin(licbot_requirements)})
    changes = compare(None, LICENSE, {})
    assert await two.unmet("a1", changes, ports()) == ["a1 needs a second look at 3 seats."] * 2
    assert await two.unmet("a1", [], ports()) == []


def test_hook_licbot_removal_advice() -> None:
    """The strictest lane wins, and nothing said is ready."""

    def says(lane: Lane) -> ModuleType:
        @hookimpl
        def licbot_removal_advice(holder: Holder) -> RemovalAdvice | None:
            if holder.administrator:
                return RemovalAdvice(lane=lane, why="administrator")
            return None

        return plugin(licbot_removal_advice)

    plugins = Plugins({"one": says(Lane.NEEDS_REVIEW), "two": says(Lane.PROTECTED)})
    boss = Holder(id="ada", name="Ada", administrator=True)
    assert plugins.removal(boss) == RemovalAdvice(lane=Lane.PROTECTED, why="administrator")
    assert plugins.removal(Holder(id="bo", name="Bo")) == RemovalAdvice(lane=Lane.READY)


async def test_hook_licbot_events() -> None:
    """Every plugin is told, by the name of the kind."""
    told: list[tuple[str, Event]] = []

    @hookimpl
    async def licbot_events(kind: str, event: Event, ports: Ports) -> None:
        told.append((kind, event))

    found = OfferFound(activation="a1", at=START)
    await loaded(licbot_events).tell("OfferFound", found, ports())
    assert told == [("OfferFound", found)]


async def test_hook_licbot_card() -> None:
    """Parts stand in the order of their places, whichever plugin gives them."""

    @hookimpl
    async def licbot_card(review: Review, ports: Ports) -> Sequence[Part]:
        state = section(f"it is in {review.activation.state}")
        return [Part(place=90, blocks=[section("below")]), Part(place=20, blocks=[state])]

    @hookimpl(specname="licbot_card")
    async def of_another(review: Review, ports: Ports) -> Sequence[Part]:
        return [Part(place=50, blocks=[section("between"), section("too")])]

    plugins = Plugins({"one": plugin(licbot_card), "two": plugin(of_another)})
    assert words(await plugins.card(review(), ports())) == [
        "it is in review",
        "between",
        "too",
        "below",
    ]


async def test_hook_licbot_home() -> None:
    """Each person's tab is of the parts for what they may do."""

    @hookimpl
    async def licbot_home(person: Person, roles: frozenset[Role], ports: Ports) -> Sequence[Part]:
        if Role.ADMIN not in roles:
            return []
        return [Part(place=10, blocks=[section(f"Good morning, {person.name}.")])]

    plugins = loaded(licbot_home)
    assert words(await plugins.home(ADA, frozenset({Role.ADMIN}), ports())) == [
        "Good morning, ada."
    ]
    assert await plugins.home(ADA, frozenset({Role.ANYONE}), ports()) == []
