"""Licence files are accepted in the fixed order of the eight checks, and refused in words."""

import base64
import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licbot.domain.errors import OfferRefused
from licbot.domain.licenses import Customer, LicenseType, Moment, fold
from licbot_local.envelope import ALGORITHM, MAX_BYTES
from licbot_local.keys import PinnedKey
from licbot_local.licensefile import (
    LARGEST_JUMP,
    Acceptance,
    IssueRefused,
    issue,
    read_unverified,
    verify,
)
from tests.plugins.local.forging import FOOTER, HEADER, encode, envelope, forge, wrap
from tests.plugins.local.samples import (
    KEY,
    KID,
    NOW,
    OTHER_KEY,
    PINNED,
    acceptance,
    module,
    payload,
    signed,
)

INSTALLED = Customer(company="Fjordlicht GmbH", serial="1234567890")
ELSEWHERE = Customer(company="Another GmbH", serial="9876543210")


def refused(raw: bytes, checked: Acceptance | None = None) -> OfferRefused:
    """The refusal of a licence file."""
    with pytest.raises(OfferRefused) as caught:
        verify(raw, checked or acceptance())
    return caught.value


def outcome(raw: bytes, checked: Acceptance | None = None) -> OfferRefused | None:
    """The refusal of a licence file, or none where it is accepted."""
    try:
        verify(raw, checked or acceptance())
    except OfferRefused as error:
        return error
    return None


def test_a_licence_file_says_what_its_issuer_wrote() -> None:
    plan = module(
        "sales-premium", 7, tooltip="All of sales", extra_flags=1, extra_info="set=user,web"
    )
    site = module("api", type="site", unrestricted=True, hidden=True, prerequisite="sales-premium")

    read = verify(signed(payload([plan, site])), acceptance(), "offers/new.lic")

    offer = read.offer
    assert (read.kid, offer.sequence, offer.source) == (KID, 42, "offers/new.lic")
    assert offer.issued == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert offer.license.owner.label == "SuperOffice AS"
    assert offer.license.customer == INSTALLED
    assert offer.license.dates.grace == date(2027, 4, 8)
    assert offer.license.dates.maintenance is None
    first, second = offer.license.modules
    assert (first.number, first.plan_members) == (7, frozenset({"user", "web"}))
    assert (second.type, second.unrestricted, second.hidden) == (LicenseType.SITE, True, True)
    assert second.prerequisite == "sales-premium"


NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20).filter(str.strip)
TEXTS = st.text(st.characters(exclude_categories=["C"]), max_size=20)
MOMENTS = st.one_of(
    st.none(),
    st.dates(date(2027, 1, 1), date(2100, 1, 1)).map(str),
    st.datetimes(
        datetime(2027, 1, 1),  # noqa: DTZ001  # the strategy adds the zone
        datetime(2100, 1, 1),  # noqa: DTZ001  # as above
        timezones=st.just(UTC),
    ).map(lambda time: time.isoformat().replace("+00:00", "Z")),
)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
MODULES = st.fixed_dictionaries(
    {
        "name": NAMES,
        "description": TEXTS,
        "tooltip": TEXTS,
        "version": TEXTS,
        "type": st.sampled_from(["user", "site", "system"]),
        "number": st.integers(1, 2**53 - 1),
        "unrestricted": st.booleans(),
        "hidden": st.booleans(),
        "prerequisite": st.none() | NAMES,
        "extra_flags": WHOLE,
        "extra_info": TEXTS,
        "sort_order": WHOLE,
    }
)


@given(
    st.lists(MODULES, max_size=4, unique_by=lambda row: fold(str(row["name"]))),
    st.fixed_dictionaries(dict.fromkeys(payload()["dates"], MOMENTS)),
    st.integers(0, 2**53 - 1),
    MOMENTS,
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_issued_is_read_back_as_it_was(
    modules: list[dict[str, Any]], dates: dict[str, str | None], sequence: int, start: str | None
) -> None:
    value = payload(modules, sequence=sequence, not_before=start) | {"dates": dates}

    offer = verify(issue(value, KEY, KID), acceptance()).offer

    rows = [dataclasses.asdict(row) for row in offer.license.modules]
    assert rows == modules
    assert offer.sequence == sequence
    said = dataclasses.asdict(offer.license.dates) | {"not_before": offer.not_before}
    assert said == {name: moment(text) for name, text in {**dates, "not_before": start}.items()}


def moment(text: str | None) -> Moment | None:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_one_changed_byte_is_always_refused(data: st.DataObject) -> None:
    raw = bytearray(signed())
    # Line breaks are not part of what was signed.
    places = [place for place, byte in enumerate(raw.rstrip()) if byte not in b"\r\n"]
    place = data.draw(st.sampled_from(places))
    raw[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(OfferRefused):
        verify(bytes(raw), acceptance())


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_bytes_of_any_kind_are_refused_in_words(content: bytes) -> None:
    for raw in (content, wrap(content)):
        assert refused(raw).check == 1
    assert refused(forge(content)).check == 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_signed_payload_of_any_shape_is_accepted_or_refused_in_words(data: st.DataObject) -> None:
    value: Any = payload()
    place = value
    for _ in range(data.draw(st.integers(0, 2))):
        place = place[data.draw(st.sampled_from(list(place)))]
        if not isinstance(place, dict):
            place = value
    place[data.draw(st.sampled_from([*place, "unknown"]))] = data.draw(JSON)

    error = outcome(forge(json.dumps(value).encode()))

    assert error is None or error.check in range(4, 9)
    assert error is None or len(error.message) < 800


# Each check with a way to fail it; the first of those that fail must be the one reported.

OTHERS_KEY = {KID: PinnedKey(kid=KID, public=OTHER_KEY.public_key())}


def failing(first: int) -> tuple[bytes, Acceptance]:
    """A licence file, and what it is checked against, failing a check and all that follow."""
    value: Any = payload(sequence=41, issued="2026-11-24T12:06:00Z")
    value["dates"]["grace"] = "2026-11-23"
    checked = {
        "customer": ELSEWHERE if first <= 6 else INSTALLED,
        "latest": NOW + timedelta(hours=1) if first <= 5 else None,
        "highest": {("superoffice", KID): 41} if first <= 7 else {},
        "keys": OTHERS_KEY if first <= 3 else {KID: PINNED},
    }
    if first > 5:
        value["meta"]["issued"] = "2026-11-24T12:04:00Z"
    if first <= 4:
        del value["owner"]
    raw = forge(value, alg="none" if first <= 2 else ALGORITHM)
    return raw.replace(b"END LICENSE", b"END") if first == 1 else raw, acceptance(**checked)


@pytest.mark.parametrize("first", range(1, 9))
def test_of_several_failing_checks_the_first_is_reported(first: int) -> None:
    raw, checked = failing(first)

    assert refused(raw, checked).check == first


# 1: size, envelope, base64, strict JSON


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [1, 64, 76, 100_000])
def test_lines_may_be_of_any_length_and_end_in_either_way(ending: str, width: int) -> None:
    inner = json.dumps(envelope()).encode()

    assert verify(wrap(inner, ending=ending, width=width), acceptance()).kid == KID


def test_blank_space_around_the_file_does_no_harm() -> None:
    assert verify(b"\r\n \n" + signed() + b"\n\t\n", acceptance()).kid == KID


def test_a_file_of_one_mebibyte_is_read_and_one_byte_more_is_not() -> None:
    padded = signed().ljust(MAX_BYTES)

    assert verify(padded, acceptance()).kid == KID
    assert "larger than 1 MiB" in refused(padded + b" ").message


GOOD = json.dumps(envelope()).encode()
ENC = envelope()["enc"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        HEADER.encode(),
        b"\n".join([HEADER.encode(), FOOTER.encode()]),
        b"please see the attached file\n" + signed(),
        signed() + b"sent from my phone",
        signed() + signed(),
        signed().replace(b"-----BEGIN", b"---- BEGIN"),
        signed().replace(b"\n", b"\r"),
        signed().replace(b"\n", b"\n ", 1),
        b"\xef\xbb\xbf" + signed(),
        f"{HEADER}\n{encode(GOOD).rstrip('=')}A\n{FOOTER}".encode(),
        f"{HEADER}\n{encode(GOOD)}====\n{FOOTER}".encode(),
        f"{HEADER}\n{encode(GOOD)[:-1]}-\n{FOOTER}".encode(),
        wrap(GOOD + b" {}"),
        wrap(GOOD.replace(b'{"enc"', b'{"alg": "none", "enc"')),
        wrap(GOOD.replace(b"{", b'{"note": 1, ')),
        wrap(b"[" * 200_000),
        wrap(b'{"enc": NaN}'),
        wrap(b"1" * 10_000),
        wrap(GOOD.decode().encode("utf-16")),
        wrap(b'"\xff"'),
        wrap(json.dumps({key: each for key, each in envelope().items() if key != "kid"}).encode()),
        forge(kid=7),
        forge(enc=None),
        forge(enc=["x"]),
        forge(enc=ENC[:40] + "\n" + ENC[40:]),
        forge(enc="bl\u00e5b\u00e6r"),
        forge(enc="\ud800"),
        forge(sig="***"),
        forge(sig=envelope()["sig"] + "="),
    ],
)
def test_what_is_not_exactly_a_licence_file_is_refused_first(raw: bytes) -> None:
    error = refused(raw)

    assert error.check == 1
    assert error.message.startswith("This is not a licence file.")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "It is empty."),
        (b" \r\n\t ", "It is empty."),
        (b"PK\x03\x04\x00\x00", "It is no text: it is encrypted or packed"),
        (bytes(range(128, 256)), "It is no text: it is encrypted or packed"),
        (
            HEADER.encode() + b"\n\xff\n" + FOOTER.encode(),
            "It is no text: it is encrypted or packed",
        ),
        (b"-----BEGIN PGP MESSAGE-----", "It must begin with -----BEGIN LICENSE FILE-----"),
        (b"\xef\xbb\xbf" + signed(), "Invisible characters, such as an editor's byte order mark"),
        ("\u200b\r\n\u00a0".encode() + signed(), "stand before its -----BEGIN LICENSE FILE-----."),
        ("\ufeffx".encode() + signed(), "It must begin with -----BEGIN LICENSE FILE-----"),
        (signed() + b"\xef\xbb\xbf", "It must begin with -----BEGIN LICENSE FILE-----"),
    ],
)
def test_a_file_of_another_kind_is_told_apart(raw: bytes, why: str) -> None:
    error = refused(raw)

    assert error.check == 1
    assert why in error.message
    assert "ask for it again" in error.message


def test_an_encrypted_licence_is_called_encrypted() -> None:
    raw = forge(alg="aes-256-gcm+ed25519")

    assert 'encrypted, and signed by the method "aes-256-gcm+ed25519", and' in refused(raw).message


def test_stray_bits_at_the_end_of_base64_are_refused() -> None:
    inner = GOOD + b" " * (-len(GOOD) % 3 + 1)
    body = encode(inner)
    assert body.endswith("==")
    other = body[:-3] + chr(ord(body[-3]) + 1) + "=="
    assert base64.b64decode(other) == inner

    assert refused(f"{HEADER}\n{other}\n{FOOTER}".encode()).check == 1


# 2: the algorithm is the verifier's choice


@pytest.mark.parametrize("alg", ["none", "", "aes-256-gcm+ed25519", "base64+rsa-sha256", "ED25519"])
def test_no_other_algorithm_is_accepted_whatever_the_file_claims(alg: str) -> None:
    assert refused(forge(alg=alg)).check == 2


def test_blank_space_around_an_algorithm_is_seen() -> None:
    message = refused(forge(alg=" base64+ed25519")).message

    assert 'the method " base64+ed25519", and only "base64+ed25519" is accepted' in message


# 3: the key and the signature, before anything of the payload is parsed


def test_an_unknown_key_is_not_trusted() -> None:
    error = refused(signed(payload(kid="nordwind-2031")))

    assert error.check == 3
    assert "nordwind-2031" in error.message


def test_a_key_of_the_same_name_does_not_pass_for_the_pinned_one() -> None:
    error = refused(signed(key=OTHER_KEY))

    assert error.check == 3
    assert "does not hold" in error.message


@pytest.mark.parametrize(
    ("not_before", "not_after", "accepted"),
    [
        (NOW, NOW, True),
        (NOW + timedelta(seconds=1), None, False),
        (None, NOW - timedelta(seconds=1), False),
    ],
)
def test_a_key_counts_only_while_it_is_valid(
    not_before: datetime | None, not_after: datetime | None, accepted: bool
) -> None:
    key = dataclasses.replace(PINNED, not_before=not_before, not_after=not_after)
    checked = acceptance(keys={KID: key})

    if accepted:
        assert verify(signed(), checked).kid == KID
    else:
        assert refused(signed(), checked).check == 3


@pytest.mark.parametrize("content", [b"[" * 100_000, b"\xff", b'{"meta": 1, "meta": 2}', b""])
def test_a_payload_that_is_not_signed_is_never_parsed(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licbot_local.licensefile.read_payload", lambda _: pytest.fail("parsed"))

    assert refused(forge(content, OTHER_KEY)).check == 3


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_does_not_hold(length: int) -> None:
    assert refused(forge(sig=encode(bytes(length)))).check == 3


# 4: the payload


def changed(path: str, value: object) -> dict[str, Any]:
    """The sample's payload with another value at a place; ``...`` takes it out."""
    found: Any = payload([module("one"), module("two")])
    *parents, last = path.split(".")
    place = found
    for part in parents:
        place = place[int(part)] if part.isdigit() else place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return found  # type: ignore[no-any-return]  # a dict of what the JSON holds


REQUIRED = [
    *payload(),
    *(f"meta.{name}" for name in payload()["meta"]),
    *(f"customer.{name}" for name in payload()["customer"]),
    *(f"owner.{name}" for name in payload()["owner"]),
    *(f"dates.{name}" for name in payload()["dates"]),
    *(f"modules.1.{name}" for name in module("one")),
]


@pytest.mark.parametrize("path", REQUIRED)
def test_a_payload_without_one_of_its_fields_is_not_complete(path: str) -> None:
    error = refused(forge(changed(path, ...)))

    assert error.check == 4
    assert path.rpartition(".")[2] in error.message


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("meta.version", 2),
        ("meta.version", True),
        ("meta.version", "1"),
        ("meta.version", 1.0),
        ("meta.kid", "another"),
        ("meta.sequence", True),
        ("meta.sequence", -1),
        ("meta.sequence", "42"),
        ("meta.sequence", 2**53),
        ("meta.sequence", 10**4000),
        ("meta.issued", None),
        ("meta.issued", "yesterday"),
        ("meta.issued", "2026-11-24T09:00:00"),
        ("meta.issued", "2026-11-24T09:00:00+01:00"),
        ("meta.issued", "2026-02-30"),
        ("meta.issued", "20261124"),
        ("meta.issued", "2026-11-24T09:00:00Z "),
        ("meta.issued", "２０２６-11-24"),
        ("meta.issued", 1764000000),
        ("meta.not_before", ""),
        ("customer", None),
        ("customer", []),
        ("customer.serial", 1234567890),
        ("customer.company", " "),
        ("owner.name", ""),
        ("owner.name", "A\u0000B"),
        ("owner.name", "A\nB"),
        ("owner.name", "A" * 251),
        ("owner.description", None),
        ("dates.grace", False),
        ("modules", {}),
        ("modules", [None]),
        ("modules.1.name", "ONE"),
        ("modules.1.name", " one "),
        ("modules.1.name", "\ud800"),
        ("modules.1.type", "satellite"),
        ("modules.1.type", None),
        ("modules.1.number", 0),
        ("modules.1.number", True),
        ("modules.1.number", 10.0),
        ("modules.1.number", "10"),
        ("modules.1.unrestricted", 1),
        ("modules.1.hidden", None),
        ("modules.1.prerequisite", 7),
        ("modules.1.tooltip", "\u001b[31m"),
        ("modules.1.extra_flags", 1.5),
    ],
)
def test_a_value_of_another_kind_is_refused(path: str, value: object) -> None:
    assert refused(forge(changed(path, value))).check == 4


LONG = "x" * 100_000


@pytest.mark.parametrize(
    "path",
    [
        "customer.company",
        "customer.serial",
        "owner.description",
        "modules.1.description",
        "modules.1.tooltip",
        "modules.1.version",
        "modules.1.prerequisite",
        "modules.1.extra_info",
    ],
)
def test_texts_are_as_long_as_their_issuer_likes(path: str) -> None:
    assert verify(forge(changed(path, LONG)), acceptance()).kid == KID


@pytest.mark.parametrize(
    ("path", "most"), [("modules.1.name", 500), ("owner.name", 250), ("meta.kid", 250)]
)
def test_names_are_as_long_as_an_index_row_allows(path: str, most: int) -> None:
    def made(name: str) -> bytes:
        return forge(changed(path, name), kid=name if path == "meta.kid" else KID)

    assert read_unverified(made("x" * most)).offer.sequence == 42
    for name in ("x" * (most + 1), "\u0390" * most):
        with pytest.raises(OfferRefused) as caught:
            read_unverified(made(name))
        assert caught.value.check == 4
        assert f"must have at most {most} characters" in caught.value.message
        assert "PostgreSQL's index rows" in caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(payload()).encode() + b"{}",
        json.dumps(payload()).encode().replace(b'"number": 10', b'"number": 10, "number": 99'),
        json.dumps(payload()).encode("utf-16"),
        json.dumps(payload()).replace("42", "NaN").encode(),
        json.dumps(payload()).replace("42", "9" * 5000).encode(),
        b"[" * 100_000,
        b'{"meta": ' * 50_000,
        b"null",
    ],
)
def test_the_payload_is_strict_json_too(content: bytes) -> None:
    assert refused(forge(content)).check == 4


def test_a_field_that_version_1_does_not_know_is_passed_over() -> None:
    assert verify(forge(payload() | {"remark": "hello"}), acceptance()).kid == KID


# 5: clocks


@pytest.mark.parametrize(("issued", "fine"), [("12:05:00", True), ("12:05:01", False)])
def test_an_issuers_clock_may_be_five_minutes_ahead(issued: str, fine: bool) -> None:
    raw = signed(payload(issued=f"2026-11-24T{issued}Z"))

    if fine:
        assert verify(raw, acceptance()).kid == KID
    else:
        assert refused(raw).check == 5


def test_a_clock_that_was_set_back_is_noticed() -> None:
    assert verify(signed(), acceptance(latest=NOW)).kid == KID
    error = refused(signed(), acceptance(latest=NOW + timedelta(days=30)))

    assert (error.check, error.may_pass) == (5, True)
    assert "set back" in error.message


# 6: the customer


@pytest.mark.parametrize(
    ("installed", "fine"),
    [
        (None, True),
        (INSTALLED, True),
        (Customer(company="Trial", serial="1010000006"), True),
        (dataclasses.replace(INSTALLED, company="fjordlicht gmbh"), False),
        (dataclasses.replace(INSTALLED, serial="1234567891"), False),
        (ELSEWHERE, False),
    ],
)
def test_a_licence_is_for_the_installed_customer(installed: Customer | None, fine: bool) -> None:
    checked = acceptance(customer=installed)

    if fine:
        assert verify(signed(), checked).kid == KID
    else:
        assert refused(signed(), checked).check == 6


def test_accents_may_be_written_in_either_way() -> None:
    value = payload() | {"customer": {"company": "Bla\u030abær AS", "serial": "1234567890"}}

    for company, fine in [
        ("Bl\u00e5bær AS", True),
        ("Bla\u030abær AS", True),
        ("Blabær AS", False),
        ("Bl\u00e5bær \uff21\uff33", False),
    ]:
        checked = acceptance(customer=Customer(company=company, serial="1234567890"))
        assert fine == (outcome(signed(value), checked) is None)


# 7: rollback and fast-forward, by owner and key


@pytest.mark.parametrize(
    ("sequence", "fine"),
    [
        (99, False),
        (100, False),
        (101, True),
        (100 + LARGEST_JUMP, True),
        (101 + LARGEST_JUMP, False),
    ],
)
def test_the_number_grows_and_not_by_too_much(sequence: int, fine: bool) -> None:
    raw = signed(payload(sequence=sequence))

    for checked in (acceptance(highest={("superoffice", KID): 100}), acceptance(after=100)):
        if fine:
            assert verify(raw, checked).offer.sequence == sequence
        else:
            assert refused(raw, checked).check == 7


def test_each_owner_and_each_key_has_numbers_of_its_own() -> None:
    highest: Mapping[tuple[str, str], int] = {
        ("superoffice", "leaked"): 2**52,
        ("partner", KID): 2**52,
    }

    assert verify(signed(), acceptance(highest=highest)).offer.sequence == 42


def test_the_owners_name_is_compared_without_case() -> None:
    value = payload() | {"owner": {"name": "SuperOffice", "description": ""}}

    assert refused(signed(value), acceptance(highest={("superoffice", KID): 42})).check == 7


# 8: grace, and a licence for later


@pytest.mark.parametrize(
    ("grace", "fine"),
    [
        (None, True),
        ("2026-11-24", True),
        ("2026-11-23", False),
        ("2026-11-24T12:00:00Z", True),
        ("2026-11-24T11:59:59.999Z", False),
    ],
)
def test_a_licence_that_stopped_working_is_refused(grace: str | None, fine: bool) -> None:
    raw = signed(changed("dates.grace", grace))

    if fine:
        assert verify(raw, acceptance()).kid == KID
    else:
        assert refused(raw).check == 8


def test_a_licence_for_later_is_accepted_and_says_from_when() -> None:
    read = verify(signed(payload(not_before="2027-01-01")), acceptance())

    assert read.offer.not_before == date(2027, 1, 1)


# Words


def test_what_a_file_claims_is_shown_clipped_and_without_control_characters() -> None:
    hostile = "\u001b[2J\u202eevil" + "x" * 100_000
    for raw in (forge(kid=hostile), forge(alg=hostile), forge(changed("meta.version", hostile))):
        message = refused(raw).message

        assert len(message) < 500
        assert not {"\u001b", "\u202e", "\n"} & set(message)


def test_looking_at_a_file_believes_nothing_but_its_form() -> None:
    raw = signed(payload(sequence=7), OTHER_KEY)

    assert read_unverified(raw).offer.sequence == 7
    with pytest.raises(OfferRefused):
        read_unverified(b"nothing of the kind")


# Issuing


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (changed("modules.1.number", 0), "modules[1].number: must be at least 1"),
        (payload() | {"remark": 1}, "remark: is not a known field"),
        (changed("modules.1.remark", "\ud800"), "modules[1].remark: is not a known field"),
        (changed("meta.version", 3), "meta.version must be 1"),
        (None, "meta.version must be 1"),
    ],
)
def test_an_issuer_is_told_what_is_wrong_with_a_payload(value: object, words: str) -> None:
    with pytest.raises(IssueRefused) as caught:
        issue(value, KEY)

    assert words in caught.value.message


def test_a_key_is_called_what_the_payload_says() -> None:
    with pytest.raises(IssueRefused) as caught:
        issue(payload(), KEY, "another")

    assert "another" in caught.value.message


def test_no_file_is_issued_that_nobody_would_read() -> None:
    rows = [module(f"module-{number}", tooltip="x" * 19_000) for number in range(50)]

    with pytest.raises(IssueRefused) as caught:
        issue(payload(rows), KEY)

    assert "larger than 1 MiB" in caught.value.message
