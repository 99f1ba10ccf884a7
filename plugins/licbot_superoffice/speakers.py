"""Who speaks to a tenant of SuperOffice Online: an administrator, or licbot for itself."""

from licbot.domain.errors import LicbotError, SystemUnavailable
from licbot_superoffice.credentials import NOT_LET_IN, Credential, Proof, bearer
from licbot_superoffice.grants import Grants, Renewal
from licbot_superoffice.tickets import SystemUser
from licbot_superoffice.wire import NotLetIn, SignInLost

NOBODY = (
    "Nobody has signed in to SuperOffice yet, so licbot can't reach it: an administrator types "
    "`/license connect`."
)
NOT_THEIRS = (
    "licbot changes SuperOffice only with the sign-in of the administrator who asked for it, and "
    "they are not signed in as one any longer. They type `/license connect` and try again, or "
    "another administrator does it."
)
ALONE = (
    "licbot changes SuperOffice by itself only as the system user of its app, and there is none. "
    "An administrator does it from Slack, or the people who run licbot set `private_key` in its "
    "settings."
)


class OwnGrant:
    """The sign-in of one member. changing: it serves only while they are an administrator."""

    def __init__(self, grants: Grants, member: str, *, changing: bool = False) -> None:
        self._grants = grants
        self._member = member
        self._changing = changing

    async def proof(self) -> Proof:
        """Their access token. Raises SignInLost and SystemUnavailable."""
        return self._checked(await self._grants.usable(self._member))

    async def renewed(self, spent: Proof) -> Proof:
        """Another access token of theirs. Raises SignInLost and SystemUnavailable."""
        return self._checked(await self._grants.renewed(self._member, spent.token))

    def _checked(self, renewal: Renewal) -> Proof:
        # A renewal may have told that they are none any longer.
        if self._changing and not renewal.grant.is_administrator:
            raise SignInLost(NOT_THEIRS)
        return _proof(renewal)

    def refusal(self) -> LicbotError:
        """That SuperOffice does not let the app in."""
        return NotLetIn(NOT_LET_IN)


class LatestGrant:
    """The sign-in of whoever signed in most recently, and of the one before when it is lost."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def proof(self) -> Proof:
        """An access token. Raises SystemUnavailable, also where nobody is signed in."""
        for grant in await self._grants.latest():
            try:
                return _proof(await self._grants.usable(grant.member))
            except SignInLost:
                continue
        raise SystemUnavailable(NOBODY)

    async def renewed(self, spent: Proof) -> Proof:
        """Another access token, of the same member where possible. Raises SystemUnavailable."""
        try:
            return _proof(await self._grants.renewed(spent.holder, spent.token))
        except SignInLost:
            return await self.proof()

    def refusal(self) -> LicbotError:
        """That SuperOffice does not let the app in."""
        return NotLetIn(NOT_LET_IN)


class OnlineCredentials:
    """An administrator speaks for themselves; for all else there is somebody unattended.

    That is the system user where there is one, and otherwise who signed in most recently, which
    is for reading only: nobody changes anything with the sign-in of another.
    """

    def __init__(self, grants: Grants, system_user: SystemUser | None) -> None:
        self._grants = grants
        self._system_user = system_user
        self._latest = LatestGrant(grants)

    async def of(self, actor: str) -> Credential:
        """The sign-in of a Slack user who administers SuperOffice; otherwise the unattended one."""
        grant = await self._grants.of(actor) if actor else None
        if grant and grant.is_administrator:
            return OwnGrant(self._grants, actor)
        return await self._unattended()

    async def to_change(self, actor: str) -> Credential:
        """The sign-in of a Slack user, and no other; the system user where that is empty.

        Raises SignInLost where they have none as an administrator, or where there is none.
        """
        if not actor:
            return await self._alone()
        grant = await self._grants.of(actor)
        if grant is None or not grant.is_administrator:
            raise SignInLost(NOT_THEIRS)
        return OwnGrant(self._grants, actor, changing=True)

    async def described(self) -> str:
        """Who speaks unattended. Raises SystemUnavailable where nobody can."""
        if await self._speaks():
            return "licbot speaks as the system user of its app where nobody acts."
        for grant in await self._grants.latest():
            return f"licbot speaks as {grant.name}, who signed in last, where nobody acts."
        raise SystemUnavailable(NOBODY)

    async def _unattended(self) -> Credential:
        return await self._speaks() or self._latest

    async def _alone(self) -> Credential:
        user = await self._speaks()
        if user is None:
            raise SignInLost(ALONE)
        return user

    async def _speaks(self) -> SystemUser | None:
        user = self._system_user
        return user if user and await user.is_known() else None


def _proof(renewal: Renewal) -> Proof:
    grant = renewal.grant
    return Proof(
        headers=bearer(grant.access_token),
        token=grant.access_token,
        holder=grant.member,
        fresh=renewal.fresh,
    )
