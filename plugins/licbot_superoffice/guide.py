"""What people do by hand where SuperOffice does not let licbot take seats, in its own labels."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from licbot.domain.licenses import LicenseSet, ModuleLicense
from licbot.domain.removals import Removal, by_user
from licbot_superoffice.licences import is_user_plan

PRODUCT = "SuperOffice"
_WHERE = "In Settings and maintenance › Users"
_NO_LOGIN = "switch “Can log in” off"
_NO_PLAN = "choose the user plan “(No Selection)”"


def tasks(
    removals: Iterable[Removal], sets: Sequence[LicenseSet], seats: Collection[str]
) -> Mapping[str, str]:
    """What is to be done for each user, in words.

    seats: keys of the licences that those hold who can log in; empty where users have plans.
    """
    modules = {key: module for each in sets for key, module in each.by_key().items()}
    left = [each for each in removals if not each.done]
    lost = by_user((each.user, each.module) for each in left)
    plans = {each.user: each.instead for each in left if each.gives}
    return {user: _task(keys, modules, seats, plans.get(user, "")) for user, keys in lost.items()}


def _task(
    keys: Collection[str],
    modules: Mapping[str, ModuleLicense],
    seats: Collection[str],
    instead: str,
) -> str:
    known = [modules[key] for key in sorted(keys) if key in modules]
    plan = modules[instead].label if instead in modules else "(No Selection)"
    plans = [f"choose the user plan “{plan}”" for module in known if is_user_plan(module)]
    logins = [_NO_LOGIN for key in keys if key in seats]
    boxes = [module.label for module in known if _has_box(module, seats)]
    cleared = [f"clear {_listed(boxes)} under Licences"] if boxes else []
    # Hidden licences have no box of their own: they go with what brings them.
    steps = [*logins[:1], *plans[:1], *cleared] or [_NO_PLAN]
    return f"{_WHERE}, {_listed(steps)}, then save"


def _has_box(module: ModuleLicense, seats: Collection[str]) -> bool:
    return not (module.hidden or is_user_plan(module) or module.key in seats)


def _listed(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
