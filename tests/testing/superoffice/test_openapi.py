"""The checker sees what is wrong, and nothing else."""

from pathlib import Path

import pytest

from licbot.testing.superoffice import Null, Tenant
from tests.openapi import OpenApi, Watch
from tests.testing.superoffice.visiting import Site

JSON = {"content-type": "application/json"}
DB = "/Agents/License/GetLicenseFromDB"
ACTIVATE = "/Agents/License/ActivateLicenseInfo"
ARCHIVE = "/Archive/InternalUsers"
CHANGE = "/License/ChangeSerialNumber"


@pytest.fixture
def api(openapi: OpenApi | None) -> OpenApi:
    """The files, or no test."""
    if openapi is None:
        pytest.skip("SuperOffice's OpenAPI files are not at hand: see tests/openapi.py")
    return openapi


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "problem"),
    [
        ("POST", DB, {}, JSON, b'{"OwnerName":"x"}', None),
        ("POST", DB, {}, JSON, b'{"OwnerName":null}', None),
        ("POST", DB, {}, JSON, b'{"Owner":"x"}', "Owner"),
        ("POST", DB, {}, JSON, b'{"OwnerName":1}', "not of type"),
        ("POST", DB, {}, JSON, b"{", "no JSON"),
        ("POST", DB, {}, JSON, b"", "no body"),
        ("POST", DB, {}, {}, b"{}", "kind unknown"),
        ("POST", DB, {"$select": "New"}, JSON, b"{}", None),
        ("POST", DB, {"select": "New"}, JSON, b"{}", "query parameter select"),
        ("POST", DB, {}, {**JSON, "so-language": "de"}, b"{}", None),
        ("POST", DB, {}, {**JSON, "so-lang": "de"}, b"{}", "header so-lang"),
        ("GET", DB, {}, {}, b"", "no such operation"),
        ("POST", "/Agents/License/GetFencingInfo", {}, JSON, b"{}", "none is described"),
        ("POST", ACTIVATE, {}, JSON, b'{"NewLicense":{"Weight":1E1}}', None),
        ("POST", ACTIVATE, {}, JSON, b'{"License":{}}', "License"),
        ("POST", ACTIVATE, {}, JSON, b'{"NewLicense":{"New":{"SerialNr":1}}}', "SerialNr"),
        ("PUT", "/User/1", {}, JSON, b'{"AssociateId":1,"Traits":[]}', None),
        ("PUT", "/User/1", {}, JSON, b'{"AssociateId":"1"}', "AssociateId"),
        ("GET", ARCHIVE, {"$top": "5", "$orderBy": "a"}, {}, b"", None),
        ("GET", ARCHIVE, {"$top": "five"}, {}, b"", "no integer"),
        ("GET", ARCHIVE, {"$orderby": "a"}, {}, b"", "$orderby"),
        ("GET", ARCHIVE, {"$jsonSafe": "yes"}, {}, b"", "no boolean"),
        (
            "POST",
            ARCHIVE,
            {},
            {"content-type": "application/x-www-form-urlencoded"},
            b"$top=5",
            None,
        ),
        (
            "POST",
            ARCHIVE,
            {},
            {"content-type": "application/x-www-form-urlencoded"},
            b"top=5",
            "parameter top",
        ),
        ("POST", ARCHIVE, {}, JSON, b"{}", "not a form"),
        ("POST", CHANGE, {"newCompanyName": "a", "newSerialNumber": "b"}, {}, b"", None),
        ("POST", CHANGE, {"newCompanyName": "a"}, {}, b"", "newSerialNumber is missing"),
        ("POST", "/License", {}, {"content-type": "text/plain"}, b"<xml/>", None),
        ("GET", "/License/a/b/c", {}, {}, b"", "no such operation"),
    ],
)
def test_requests_are_checked(
    api: OpenApi,
    method: str,
    path: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
    problem: str | None,
) -> None:
    """Against paths, parameters and schemas."""
    found = api.check_request(method, path, query, headers, body)

    if problem is None:
        assert found == []
    else:
        [only] = found
        assert problem in only


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "problem"),
    [
        ("POST", DB, 200, b"null", None),
        ("POST", DB, 200, b'{"Message":"No","MessageDetail":""}', None),
        ("POST", DB, 200, b'{"New":null,"More":1}', None),
        ("POST", DB, 200, b'{"CanBeActivated":"yes"}', "CanBeActivated"),
        ("POST", DB, 200, b"[]", "not of type"),
        ("POST", DB, 200, b"<html>", "no JSON"),
        ("POST", DB, 204, b"", "status 204"),
        ("POST", DB, 500, b"anything", None),
        ("GET", ARCHIVE, 200, b'{"value":[{"a":1,"b":"x","c":true,"d":null}]}', None),
        ("GET", ARCHIVE, 200, b'{"value":{}}', "not of type"),
        ("GET", f"{ARCHIVE}/$metadata", 200, b"<edmx/>", None),
        ("DELETE", "/User/1", 204, b"", None),
        ("DELETE", "/User/1", 204, b"x", "none is described"),
        (
            "POST",
            "/Agents/License/GetLicenseStatusFromLicenseServer",
            200,
            b'{"LicenseStatus":"Fine"}',
            "Fine",
        ),
        ("GET", "/Nowhere", 200, b"x", None),
    ],
)
def test_answers_are_checked(
    api: OpenApi, method: str, path: str, status: int, body: bytes, problem: str | None
) -> None:
    """Agents may fail in their own way; errors have no schema."""
    found = api.check_response(method, path, status, body)

    if problem is None:
        assert found == []
    else:
        [only] = found
        assert problem in only


async def test_a_watch_sees_all_that_a_tenant_serves(
    api: OpenApi, house: Site, tenant: Tenant, unchecked: None
) -> None:
    """What is outside the API or relaxed is not its business; planned failures are answers of
    nobody's."""
    strict, relaxed = Watch(api), Watch(api, relaxed=("/License",))
    tenant.observers += [strict, relaxed]
    tenant.fail("/User", Null())

    await house.get("/License", _expand="all")
    await house.get("/User")
    await house.http.get(f"{house.endpoint}/admin")

    assert strict.problems == ["GET /License: unknown query parameter $expand"]
    assert relaxed.problems == []


def test_the_files_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment says, else in the shared folder; without them there is no checker."""
    monkeypatch.setenv("LICBOT_SHARED", str(tmp_path))
    assert OpenApi.load() is None

    document = (
        '{"definitions":{},"paths":{"/api/v1/A":{"get":{"parameters":[],"responses":{"200":{}}}}}}'
    )
    (tmp_path / "a.json").write_text(document, encoding="utf-8")
    monkeypatch.setenv("LICBOT_SUPEROFFICE_OPENAPI", str(tmp_path))
    loaded = OpenApi.load()

    assert loaded is not None
    assert loaded.check_request("GET", "/A", {}, {}, b"") == []
