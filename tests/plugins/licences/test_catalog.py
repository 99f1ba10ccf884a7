"""Licences with their numbers, what comes with them and what needs them."""

from licbot.domain.licenses import LicenseType, Owner
from licbot.flows.status import licence_status
from licbot.testing import MemorySystem, license_set, module_license, ports
from licbot_licences.catalog import Catalog, catalog, licence_lines

PARTNER = Owner(name="PARTNER")
HIDDEN = [module_license(f"hidden-{number:02}", 1, hidden=True) for number in range(60)]


async def of(system: MemorySystem, owner: int = 0) -> Catalog:
    rows = await licence_status(ports(system))
    return catalog(rows[owner], rows)


def lines(known: Catalog, name: str) -> list[str]:
    [module] = [module for module in known.modules if module.name == name]
    return list(licence_lines(module, known))


async def test_licences_are_listed_by_type_and_hidden_ones_are_not() -> None:
    system = MemorySystem()
    system.put_in_force(
        license_set(
            module_license("b", kind=LicenseType.USER),
            module_license("a", kind=LicenseType.USER),
            module_license("h", hidden=True),
            module_license("site", kind=LicenseType.SITE),
            module_license("system", kind=LicenseType.SYSTEM),
        )
    )
    known = await of(system)
    assert [module.name for module in known.modules] == ["system", "site", "a", "b"]


async def test_too_many_seats_are_told_as_such() -> None:
    system = MemorySystem()
    system.put_in_force(license_set(module_license("sales", 1)))
    for user in ("ada", "bo", "cleo"):
        system.seats.give(user, "sales")
    said = lines(await of(system), "sales")
    assert said == ["*Sales*: 3 of 1 seat in use, 2 seats too many in use"]


async def test_a_plan_names_its_hidden_licences_as_far_as_there_is_room() -> None:
    system = MemorySystem()
    plan = module_license("plan", comes_with=[each.name for each in HIDDEN])
    small = module_license("small", comes_with=["hidden-01", "plan", "unknown"])
    system.put_in_force(license_set(plan, small, *HIDDEN))
    known = await of(system)
    [_, named] = lines(known, "plan")
    assert named.startswith("User plan; comes with Hidden 00, Hidden 01, ")
    assert named.endswith(" and 10 more.")
    assert lines(known, "small")[1] == "User plan; comes with Hidden 01."


async def test_a_licence_may_need_one_of_another_owner() -> None:
    system = MemorySystem()
    system.put_in_force(license_set(module_license("sales")))
    extra = module_license("extra", prerequisite="SALES")
    lost = module_license("lost", prerequisite="gone <!here>")
    system.put_in_force(license_set(extra, lost, owner=PARTNER))
    assert lines(await of(system), "sales")[1] == "Whoever loses it also loses Extra."
    known = await of(system, 1)
    assert lines(known, "extra")[1] == "Needs Sales first."
    assert lines(known, "lost")[1] == "Needs gone &lt;!here&gt; first."
