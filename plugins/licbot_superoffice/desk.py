"""What seats are taken and given back with, for one run of an activation."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from licbot.domain.licenses import LicenseSet
from licbot.domain.removals import Dependencies, dependencies
from licbot.hookspecs import SystemContext
from licbot_superoffice.ledger import Ledger
from licbot_superoffice.stored import note_seats
from licbot_superoffice.userfile import UserFile
from licbot_superoffice.users import Users
from licbot_superoffice.wire import Api


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """A run of an activation at work.

    actor: the Slack user whose sign-in is used where there is one. sets: in force.
    """

    context: SystemContext
    api: Api
    run: str
    actor: str
    sets: Sequence[LicenseSet]

    @property
    def ledger(self) -> Ledger:
        """The lines of the run."""
        return Ledger(context=self.context, run=self.run)

    @property
    def labels(self) -> Mapping[str, str]:
        """What people read, by module key."""
        return {key: m.label for each in self.sets for key, m in each.by_key().items()}

    @property
    def depends(self) -> Dependencies:
        """Which licences go along with which."""
        return dependencies(self.sets)

    async def read(self, user: str) -> UserFile | None:
        """A user as SuperOffice has them now; ``None`` where there is none."""
        return await Users(self.api).read(user, self.actor)

    async def note_seats(self, user: str, file: UserFile | None) -> None:
        """Bring the stored list up to what was just seen of a user."""
        held = file.held if file else frozenset()
        known = file.links if file else self.labels
        await note_seats(self.context.database, self.context.name, user, held, known)

    async def change(self, user: str, file: UserFile, wanted: Mapping[str, bool]) -> UserFile:
        """Save a user with some licences, and without others; returns what they are like then.

        wanted: by module key, whether they are to have it. Hidden licences come and go with a plan,
        and are not sent along: whether SuperOffice has done that is looked at, and they are sent by
        themselves only where it has not. Raises NotSaved, and SystemUnavailable, which leaves open
        what is saved.
        """
        after = file
        hidden = {key for key in wanted if key in file.links and file.links[key].hidden}
        for sent in (wanted.keys() - hidden, hidden):
            left = {key: wanted[key] for key in sent if (key in after.held) is not wanted[key]}
            going = [key for key, has in left.items() if not has]
            for key in waiting(after, going, self.depends):
                del left[key]
            if left:
                content = after.assigning(left)
                after = await Users(self.api).save(user, content, self.actor)
        return after


def waiting(file: UserFile, modules: Collection[str], depends: Dependencies) -> frozenset[str]:
    """Those of a user's licences that a plan they hold brings: they go when the plan goes."""
    brought = (depends.plans.get(plan, frozenset()) for plan in file.held)
    return frozenset(modules) & frozenset().union(*brought)
