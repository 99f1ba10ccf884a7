"""CRM Suite: one plan for the whole company, whose seats are the users who can log in."""

from collections.abc import Iterable, Sequence

from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense
from licbot_superoffice.licences import SUPEROFFICE, is_user_plan
from licbot_superoffice.settings import Seats

NO_PLAN = "superlicense-no-selection"
"""The key of what stands for no user plan, which nobody has to be rid of."""

_SUITE = "suite"


def is_suite(sets: Iterable[LicenseSet], seats: Seats) -> bool:
    """Whether seats are the users who can log in. seats: what the settings say.

    Where they leave it open: no user plan is installed, and something of a CRM Suite is.
    """
    if seats != "auto":
        return seats == "login"
    own = [module for each in sets if each.owner.key == SUPEROFFICE for module in each.modules]
    plans = [module for module in own if is_user_plan(module) and module.key != NO_PLAN]
    return not plans and any(module.key.startswith(_SUITE) for module in own)


def seat_modules(sets: Iterable[LicenseSet]) -> Sequence[ModuleLicense]:
    """SuperOffice's licences that those hold who can log in, where seats are counted so.

    They are visible and limited; where some of them are named as the suite's, only those.
    """
    limited = [
        module
        for each in sets
        if each.owner.key == SUPEROFFICE
        for module in each.modules
        if module.type is LicenseType.USER and not module.hidden and not module.unrestricted
    ]
    return [module for module in limited if module.key.startswith(_SUITE)] or limited
