"""What SuperOffice writes of a licence, and what licbot makes of it."""

import json
from datetime import date
from typing import Any

import pytest

from licbot.domain.changes import compare
from licbot.domain.errors import SystemUnavailable
from licbot.domain.licenses import Customer, LicenseType, Owner
from licbot.domain.removals import dependencies
from licbot_superoffice.licences import (
    Fetched,
    Standing,
    entity_of,
    is_user_plan,
    module_key,
    read_all,
    read_one,
)


def module(name: str, number: int = 5, **more: Any) -> dict[str, Any]:
    return {
        "ModuleName": name,
        "ModuleDescription": name.title(),
        "LicenseType": "UserLicense",
        "NumberOfLicenses": number,
        **more,
    }


def info(*modules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "OwnerName": "SUPEROFFICE",
        "OwnerDescription": "SuperOffice AS",
        "CompanyName": "Fjordlicht GmbH",
        "SerialNr": "1234567890",
        "ModuleLicenses": list(modules),
        "Signature": "signed",
        **more,
    }


def row(
    new: dict[str, Any] | None, current: dict[str, Any] | None, in_use: int = 0
) -> dict[str, Any]:
    return {"New": new, "Current": current, "NumberOfLicensesInUse": in_use}


def standing(**members: Any) -> Standing:
    [found] = read_all(json.dumps([members]).encode())
    return found


def fetched(**members: Any) -> Fetched:
    found = read_one(json.dumps(members).encode())
    assert found
    return found


def test_a_licence_is_read_whole() -> None:
    """Who issued it, to whom, until when, and every row with all that decides."""
    plan = module(
        "Ten-Sales",
        40,
        ModuleTooltip="can sell",
        ModuleVersion="11",
        ExtraFlags=1,
        ExtraInfo="set=user,web",
        SortOrder=7,
        PrerequisiteModuleName="core",
    )
    member = module("user", 64, IsHidden=True)
    server = module("server", 1, LicenseType="SiteLicense")
    site = module("branch", 2, LicenseType="SatelliteLicense", Unrestricted=True)

    found = standing(
        Current=info(
            plan,
            member,
            server,
            site,
            NextCheckDate="2026-12-01T00:00:00",
            AdminWarningDate="2027-02-27T23:30:00+02:00",
            ExpiryDate="2027-03-27T00:00:00Z",
            GraceDate="0001-01-01T00:00:00",
            MaintenanceDate=None,
        ),
        ExtendedModuleLicenses=[row(None, plan, 36), row(None, member, 55), row(None, server, 1)],
    )

    in_force = found.in_force
    assert in_force
    assert in_force.owner == Owner(name="SUPEROFFICE", description="SuperOffice AS")
    assert in_force.customer == Customer(company="Fjordlicht GmbH", serial="1234567890")
    assert in_force.dates.next_check == date(2026, 12, 1)
    assert in_force.dates.admin_warning == date(2027, 2, 27)
    assert in_force.dates.expiry == date(2027, 3, 27)
    assert (in_force.dates.grace, in_force.dates.maintenance) == (None, None)
    by_key = in_force.by_key()
    sales = by_key["ten-sales"]
    assert (sales.label, sales.number, sales.tooltip, sales.version) == (
        "Ten-Sales",
        40,
        "can sell",
        "11",
    )
    assert (sales.extra_flags, sales.sort_order, sales.prerequisite) == (1, 7, "core")
    assert (sales.plan_members, is_user_plan(sales)) == (frozenset({"user", "web"}), True)
    assert by_key["user"].hidden
    assert not is_user_plan(by_key["user"])
    assert {key: each.type for key, each in by_key.items()} == {
        "ten-sales": LicenseType.USER,
        "user": LicenseType.USER,
        "server": LicenseType.SYSTEM,
        "branch": LicenseType.SITE,
    }
    assert by_key["branch"].unrestricted
    assert found.in_use == {"ten-sales": 36, "user": 55}


def test_rows_beside_the_figures_count_too() -> None:
    """A module that comes or goes may stand only there; one that stands twice counts once."""
    found = fetched(
        New=info(module("sales", 3)),
        Current=info(module("sales")),
        ExtendedModuleLicenses=[
            row(module("sales", 9), module("sales"), 4),
            row(module("chat", 1), None),
            row(None, module("travel", 2), 2),
        ],
    )

    assert {m.key: m.number for m in found.offered.modules} == {"sales": 3, "chat": 1}
    assert found.standing.current
    assert {m.key: m.number for m in found.standing.current.modules} == {"sales": 5, "travel": 2}
    changes = compare(found.standing.current, found.offered, found.standing.in_use)
    assert {c.module.key: (c.added, c.surplus) for c in changes} == {
        "sales": (-2, 1),
        "chat": (1, 0),
        "travel": (-2, 2),
    }


def test_what_is_in_force_may_be_called_new() -> None:
    """In the answers of the database one of both may be empty: what is there counts."""
    both = standing(New=info(module("sales", 3)), Current=info(module("sales", 5)))
    only_new = standing(New=info(module("sales", 3)), Current=None)
    neither = standing(New=None, Current=None, ExtendedModuleLicenses=None)

    assert [each.in_force.modules[0].number for each in (both, only_new) if each.in_force] == [5, 3]
    assert neither.in_force is None
    assert neither.in_use == {}


def test_the_same_licence_has_the_same_digest_whatever_stands_around_it() -> None:
    """The figures change with every fetch; what is signed does not."""
    first = fetched(New=info(module("sales")), ExtendedModuleLicenses=[], Reason="")
    later = fetched(
        AccumulatedNextCheckDate="2026-12-01",
        ExtendedModuleLicenses=[row(module("sales"), None, 3)],
        New=info(module("sales")),
    )
    other = fetched(New=info(module("sales", 6)))

    assert first.digest == later.digest
    assert first.digest != other.digest
    assert len(first.digest) == 64


def test_in_force_is_what_is_signed_the_same_and_says_the_same() -> None:
    """A signature alone could be copied; the same content could be signed for another."""
    offered = info(module("sales"))

    assert fetched(New=offered, Current=offered).is_in_force
    assert not fetched(New=offered, Current={**offered, "Signature": "another"}).is_in_force
    assert not fetched(New=offered, Current=info(module("sales", 6))).is_in_force
    assert not fetched(New=offered, Current=None).is_in_force
    kept = fetched(New=offered)
    assert standing(Current=offered).has_in_force(kept.offered, "signed")
    assert standing(New=offered).has_in_force(kept.offered, "signed")
    assert not standing(Current=offered).has_in_force(kept.offered, "another")
    assert not standing(Current=info()).has_in_force(kept.offered, "signed")


def test_two_owners_may_use_one_name() -> None:
    """SuperOffice's licence keeps it; the other's is told apart, wherever it is named."""
    acme = info(
        module("sales", 9),
        module("plus", 1, PrerequisiteModuleName="sales", ExtraInfo="a=1;set=sales,web"),
        module("extra", 1, PrerequisiteModuleName="ten-sales"),
        OwnerName=" Acme ",
    )

    found = standing(Current=acme, ExtendedModuleLicenses=[row(None, module("Sales", 9), 2)])

    assert found.in_force
    assert found.in_use == {"acme/sales": 2}
    by_key = found.in_force.by_key()
    assert by_key.keys() == {"acme/sales", "acme/plus", "acme/extra"}
    assert by_key["acme/plus"].prerequisite == "Acme/sales"
    assert by_key["acme/plus"].plan_members == {"acme/sales", "web"}
    assert by_key["acme/extra"].prerequisite == "ten-sales"
    assert dependencies([found.in_force]).dependents["acme/sales"] == {"acme/plus"}
    assert module_key("SuperOffice", " Sales ") == "sales"
    assert module_key("ACME", "Sales") == "acme/sales"
    assert entity_of(found.in_force.owner, by_key["acme/sales"]) == "acme_sales"


def test_lists_of_users_call_a_licence_by_owner_and_name() -> None:
    """In small letters."""
    in_force = standing(Current=info(module("Ten-Sales"))).in_force
    assert in_force

    assert entity_of(in_force.owner, in_force.modules[0]) == "superoffice_ten-sales"


@pytest.mark.parametrize(
    "content",
    [
        b"<html>",
        b'{"New":{"OwnerName":"X"},"New":null}',
        b"[]",
        b'"text"',
        json.dumps({"New": {"CompanyName": "secret-key-value"}}).encode(),
        json.dumps(
            {"New": info({**module("sales"), "NumberOfLicenses": "secret-key-value"})}
        ).encode(),
        json.dumps({"New": info(ExpiryDate="secret-key-value")}).encode(),
        json.dumps({"New": info(ExpiryDate=7)}).encode(),
        json.dumps({"New": info(module(""))}).encode(),
    ],
)
def test_what_makes_no_sense_is_said_without_repeating_it(content: bytes) -> None:
    """It may hold keys."""
    with pytest.raises(SystemUnavailable) as caught:
        read_one(content)

    assert "secret-key-value" not in caught.value.message
    assert "does not understand" in caught.value.message
    if not content.startswith(b"["):
        with pytest.raises(SystemUnavailable):
            read_all(content)


def test_where_no_licence_is_in_it_there_is_none() -> None:
    """As SuperOffice answers where it has nothing new."""
    assert read_one(b'{"New":null,"Current":null}') is None


def test_what_is_posted_back_is_what_came() -> None:
    """Without the mark and the spaces around it, and with everything else."""
    raw = b'\xef\xbb\xbf{"New":{"OwnerName":"SUPEROFFICE", "X":1.0},"Unknown":[1E1]}\r\n'

    found = read_one(raw)

    assert found
    assert found.raw == b'{"New":{"OwnerName":"SUPEROFFICE", "X":1.0},"Unknown":[1E1]}'


def test_nothing_signed_is_shown_by_accident() -> None:
    """A log line would show what an object says of itself."""
    assert "signed" not in repr(fetched(New=info(module("sales"))))


# What somebody typed


@pytest.mark.parametrize("company", [None, "", " \x00 "], ids=repr)
def test_a_company_without_a_name_has_a_sign_in_its_place(company: str | None) -> None:
    """So that what is printed around it stays whole."""
    [standing] = read_all(json.dumps([{"Current": info(CompanyName=company)}]).encode())

    assert standing.current
    assert standing.current.customer == Customer(company="–", serial="1234567890")


def test_names_have_no_control_characters() -> None:
    """Of licences, owners and companies alike; what is signed is left as it is."""
    odd = "\x00\ud800"
    named = info(
        module(f"sa{odd}les", ModuleDescription=f"Sa{odd}les"),
        OwnerName=f"AC{odd}ME",
        OwnerDescription=f"Ac{odd}me",
        CompanyName=f"A{odd}B",
        SerialNr=f"1{odd}2",
        Signature=f"x{odd}",
    )

    [standing] = read_all(json.dumps([{"Current": named}]).encode())

    assert standing.current
    [read] = standing.current.modules
    customer, owner = standing.current.customer, standing.current.owner
    shown = [read.name, read.description, owner.name, owner.description]
    assert [*shown, customer.company, customer.serial] == [
        "AC  ME/sa  les",
        "Sa  les",
        "AC  ME",
        "Ac  me",
        "A  B",
        "1  2",
    ]
    assert standing.current_signature == f"x{odd}"


@pytest.mark.parametrize("where", ["OwnerName", "ModuleName"])
def test_a_name_of_nothing_but_control_characters_makes_no_sense(where: str) -> None:
    """Nothing could be known by it."""
    named = info(module("sales"))
    (named if where == "OwnerName" else named["ModuleLicenses"][0])[where] = "\x00"

    with pytest.raises(SystemUnavailable, match=where):
        read_all(json.dumps([{"Current": named}]).encode())
