"""SuperOffice's license agent: what is in force, what is offered, and putting it in force.

No header for a language, a culture or a time zone goes along where an answer is posted back:
they could change what is signed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from licbot.domain.errors import SystemRefused, SystemUnavailable
from licbot.domain.licenses import Customer
from licbot_superoffice.answers import failure
from licbot_superoffice.licences import Fetched, Standing, read_all, read_one
from licbot_superoffice.wire import Answer, Api, text_of
from licbot_superoffice.words import said

_STATUSES = {
    "0": "Ok",
    "1": "NewLicenseAvailable",
    "2": "NewCompanyNameAvailable",
    "3": "NewSerialAvailable",
    "4": "UseCustomMessage",
    "5": "UseCustomMessageAndUrl",
    "6": "NewLicenseActivated",
    "100": "ProblemWithLicense",
    "5000": "UnknownError",
}
_INFO = ("New", "Current", "ExtendedModuleLicenses")


class NotDone(SystemRefused):
    """SuperOffice did not do it, and nothing was changed. Ask the people who run it why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LicenseStatus:
    """What the issuer says of an owner's licence.

    status: such as ``NewLicenseAvailable``. message, url: for people, where there are any.
    """

    status: str
    message: str = ""
    url: str = ""


class LicenseAgent:
    """Calls to the license agent of one tenant."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def standings(self, language: str = "") -> Sequence[Standing]:
        """The licences in force of all owners, with the seats in use.

        language: two letters, for names in it. Raises SystemUnavailable.
        """
        path = "Agents/License/GetLicenseForAllOwnersFromDB"
        answer = await self._api.post(path, language=language)
        words = failure(answer)
        if words is None:
            return read_all(answer.content)
        reason = said(words, "It may not let licbot read them.")
        raise SystemUnavailable(
            f"SuperOffice did not say which licences are in force. {reason} "
            "licbot tries again by itself; `licbot check` shows more."
        )

    async def status(self, owner: str) -> LicenseStatus:
        """Whether the issuer has something new for an owner. Raises NotDone."""
        answer = await self._call("GetLicenseStatusFromLicenseServer", {"OwnerName": owner})
        words = failure(answer, ["LicenseStatus"])
        if words is not None:
            raise NotDone(f"SuperOffice did not say whether there is a new licence. {said(words)}")
        value = answer.json()
        return LicenseStatus(
            status=_status(value.get("LicenseStatus")),
            message=text_of(value.get("Message")),
            url=text_of(value.get("Url")),
        )

    async def fetch(self, owner: str) -> Fetched:
        """The licence that the issuer has for an owner. Raises NotDone."""
        answer = await self._call("GetLicenseFromLicenseServer", {"OwnerName": owner})
        return _fetched(answer, "SuperOffice did not hand over the new licence.")

    async def load(self, text: str) -> Fetched:
        """The licence that the text of a licence file holds. Raises NotDone."""
        answer = await self._call("GetLicenseFromFile", {"FileContent": text})
        return _fetched(answer, "SuperOffice found no licence for this installation in the file.")

    async def validate(self, license_info: bytes) -> None:
        """Have a licence checked that was just fetched. Raises NotDone."""
        body = b'{"LicenseInfo":' + license_info + b"}"
        answer = await self._api.post("Agents/License/ValidateLicenseInfo", body)
        _require_success(answer, "SuperOffice finds the new licence invalid.")

    async def activate(self, license_info: bytes, actor: str) -> None:
        """Put a licence in force, byte for byte as it was fetched. Raises NotDone.

        SystemUnavailable leaves open whether it is in force now: it is never sent twice.
        """
        body = b'{"NewLicense":' + license_info + b"}"
        answer = await self._api.post(
            "Agents/License/ActivateLicenseInfo", body, actor=actor, again=False
        )
        _require_success(answer, "SuperOffice did not activate the new licence.")

    async def shop_url(self, owner: str) -> str:
        """Where licences of an owner are bought; empty where SuperOffice names no place."""
        answer = await self._call("GetShopUrl", {"OwnerName": owner})
        return text_of(answer.json()) if answer.status == 200 else ""

    async def change_customer(self, customer: Customer, actor: str) -> None:
        """Ask for the licence of another company and serial number. Raises NotDone.

        SystemUnavailable leaves open whether it is in force now: it is never sent twice.
        """
        request = {"NewCompanyName": customer.company, "NewSerialNumber": customer.serial}
        answer = await self._api.post(
            "Agents/License/ChangeSerialNumber",
            json.dumps(request).encode(),
            actor=actor,
            again=False,
        )
        _require_success(answer, "SuperOffice did not change the company and the serial number.")

    async def _call(self, method: str, request: Mapping[str, str]) -> Answer:
        return await self._api.post(f"Agents/License/{method}", json.dumps(request).encode())


def _fetched(answer: Answer, otherwise: str) -> Fetched:
    words = failure(answer, _INFO)
    found = read_one(answer.content) if words is None else None
    if found is None:
        # An answer without a licence may say why.
        reason = text_of(answer.json().get("Reason")) if words is None else words
        raise NotDone(f"{otherwise} {said(reason)}")
    return found


def _require_success(answer: Answer, otherwise: str) -> None:
    words = failure(answer, ["Succeeded"])
    if words is None:
        value = answer.json()
        if value["Succeeded"] is True:
            return
        words = text_of(value.get("Reason"))
    raise NotDone(f"{otherwise} {said(words)}")


def _status(value: object) -> str:
    """The name of a status, which may come by its number."""
    number = str(value).strip() if isinstance(value, int | str) else ""
    return _STATUSES.get(number, text_of(value))
