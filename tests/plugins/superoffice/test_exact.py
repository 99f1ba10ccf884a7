"""What is signed is cut out and sent on without a byte of it changing."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licbot_superoffice.exact import (
    NotJson,
    canonical,
    digest_of,
    members,
    text_of,
    value_of,
    with_elements,
    with_member,
)

STRANGE = (
    '{ "New" : {"n":1.0, "e":1E1 ,"m":-0,"t":"a\\/\\u00e9é","l":[3 , 2,{"x":null}]},"after":[]  }'
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_a_member_comes_out_as_it_is_written() -> None:
    """Spaces inside, number formats, escapes and order are all still there."""
    found = members(STRANGE)

    assert found["New"] == ('{"n":1.0, "e":1E1 ,"m":-0,"t":"a\\/\\u00e9é","l":[3 , 2,{"x":null}]}')
    assert found["after"] == "[]"
    assert members("{}") == {}


@given(st.dictionaries(st.text(), values))
def test_every_member_is_found(value: dict[str, object]) -> None:
    """The pieces together say what the whole says."""
    text = json.dumps(value, indent=1)

    assert {name: value_of(piece) for name, piece in members(text).items()} == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        '"New"',
        '{"a":1',
        '{"a":1}{"b":2}',
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        '{"a":NaN}',
        '{"a":Infinity}',
        "[" * 100_000,
        '{"a":' + "9" * 5_000 + "}",
        '{"a":01}',
        '{"a":"\n"}',
    ],
)
def test_what_is_not_strictly_an_object_is_refused(text: str) -> None:
    """A key given twice could be read one way here and another way there."""
    with pytest.raises(NotJson) as caught:
        members(text)

    assert len(str(caught.value)) < 80


def test_a_mark_and_spaces_around_it_do_not_belong_to_it() -> None:
    """They would stand in the middle of what it is put into."""
    assert text_of(b'\xef\xbb\xbf\r\n {"a":1}\n') == '{"a":1}'
    with pytest.raises(NotJson):
        text_of(b'{"a":"\xff"}')


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":2}', ' { "b" : 2 , "a" : 1 } '),
        ('"\\u00e9\\/"', '"é/"'),
        ("[1,2]", "[ 1\n,2]"),
    ],
)
def test_what_says_the_same_has_one_digest(one: str, other: str) -> None:
    """How it is spaced, ordered and escaped says nothing."""
    assert digest_of(one) == digest_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("10", "1E1"),
        ("0", "-0"),
        ("[1,2]", "[2,1]"),
        ('"1"', "1"),
        ("[1,[2]]", "[[1],2]"),
        ("[]", "{}"),
        ("null", '"null"'),
        ('{"a":"b,"}', '{"a":"b"}'),
        ("[12]", "[1,2]"),
        ("true", "1"),
    ],
)
def test_what_says_something_else_has_another_digest(one: str, other: str) -> None:
    """Numbers count as they are written, and so does the order of a list."""
    assert digest_of(one) != digest_of(other)


@given(values)
def test_the_canonical_form_says_what_the_document_says(value: object) -> None:
    """However it was written at first."""
    text = json.dumps(value, ensure_ascii=False, indent=2)

    assert canonical(text) == canonical(json.dumps(value))


def test_nothing_nested_too_deeply_is_digested() -> None:
    """It is refused with words, at whatever depth that begins."""
    with pytest.raises(NotJson):
        digest_of("[" * 100_000 + "]" * 100_000)
    for depth in range(300, 1_100, 50):
        with contextlib.suppress(NotJson):
            digest_of("[" * depth + "]" * depth)


def test_one_member_is_changed_and_nothing_else() -> None:
    """Not even the spaces around it."""
    text = '{ "a" : 1.0 , "b" : [ {"c":1E1} , 2 ] }'

    assert with_member(text, "a", lambda _: "true") == '{ "a" : true , "b" : [ {"c":1E1} , 2 ] }'
    assert with_member(text, "c", lambda _: "true") == text
    assert with_member(text, "b", lambda each: with_elements(each, str.upper)) == (
        '{ "a" : 1.0 , "b" : [ {"C":1E1} , 2 ] }'
    )
    assert with_elements("null", str.upper) == "null"
    assert with_elements("[ ]", str.upper) == "[ ]"


@given(st.lists(values))
def test_elements_left_alone_leave_the_list_as_it_was(value: list[object]) -> None:
    """Every element is offered for a change, in order."""
    text = json.dumps(value, indent=1)
    seen: list[str] = []

    def look(piece: str) -> str:
        seen.append(piece)
        return piece

    assert with_elements(text, look) == text
    assert [value_of(piece) for piece in seen] == value
