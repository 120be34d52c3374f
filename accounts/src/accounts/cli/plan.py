"""`accounts plan`: how much clients may ask for."""

import argparse
from typing import Any

from accounts.cli.running import PAGE, add_json, every, origin, ready_services, say, say_json, say_table
from accounts.domain.errors import InvalidValueError
from accounts.domain.plan import Period, Plan, Quota
from accounts.service import plans
from accounts.service.ports import Transaction
from accounts.service.snapshots import plan_snapshot
from servicekit.core.values import ANY

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
COLUMNS = ("name", "rate", "burst", "quota", "concurrency", "created")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("plan", help="make, list, change and remove plans").add_subparsers(
        metavar="ACT", required=True
    )
    create = acts.add_parser("create", help="add a plan")
    create.add_argument("name")
    _members(create, required=True)
    create.add_argument("--if-absent", action="store_true", help="one of that name is fine, and left alone")
    create.set_defaults(run=run_create)
    change = acts.add_parser("change", help="change what is given, leave the rest")
    change.add_argument("name")
    _members(change, required=False)
    change.set_defaults(run=run_change)
    listing = acts.add_parser("list", help="the plans")
    listing.set_defaults(run=run_list)
    remove = acts.add_parser("remove", help="remove a plan that nobody has")
    remove.add_argument("name")
    remove.set_defaults(run=run_remove)
    for parser in (create, change, listing, remove):
        add_json(parser)


def run_create(options: argparse.Namespace) -> int:
    """Add a plan."""
    given = _given(options)
    burst = given.pop("burst", given["requests"])
    plan = Plan(options.name, burst=burst, **given)
    with ready_services() as services:

        def work(tx: Transaction) -> Plan:
            found = tx.plans.get(plan.name) if options.if_absent else None
            return plans.create(tx, plan, services.clock()) if found is None else found

        made = services.store.write(work, origin())
    _show(options, [made])
    return 0


def run_change(options: argparse.Namespace) -> int:
    """Change a plan."""
    given = _given(options)
    with ready_services() as services:
        plan = services.store.write(lambda tx: plans.change(tx, options.name, given, ANY), origin())
    _show(options, [plan])
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List plans."""
    with ready_services() as services:
        found = every(lambda after: services.store.read(lambda tx: tx.plans.page(after, PAGE)), lambda plan: plan.name)
    if options.json:
        say_json([plan_snapshot(plan) for plan in found])
    else:
        _show(options, found)
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove a plan."""
    with ready_services() as services:
        services.store.write(lambda tx: plans.remove(tx, options.name, ANY), origin())
    if options.json:
        say_json({"removed": options.name})
    else:
        say(f"removed {options.name}")
    return 0


def _members(parser: argparse.ArgumentParser, required: bool) -> None:
    parser.add_argument("--rate", required=required, metavar="N/UNIT", help="such as 100/s, 600/m or 50/10s")
    parser.add_argument("--burst", type=int, metavar="N", help="requests at once (default those of the rate)")
    parser.add_argument("--quota", metavar="N/PERIOD", help="such as 1000000/month; hour, day or month; none for none")
    parser.add_argument("--concurrency", metavar="N", help="requests running at a time; none for any number")


def _given(options: argparse.Namespace) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if options.rate is not None:
        number, unit = _pair("--rate", options.rate)
        count, letter = (unit[:-1] or "1", unit[-1:])
        if letter not in _UNITS or not (count.isdecimal() and len(count) < 19):
            raise InvalidValueError("--rate", "bad_rate", "must be such as 100/s, 600/m or 50/10s")
        given |= {"requests": number, "seconds": int(count) * _UNITS[letter]}
    if options.burst is not None:
        given["burst"] = options.burst
    if options.quota is not None:
        given["quota"] = None if options.quota == "none" else _quota(options.quota)
    if options.concurrency is not None:
        is_none = options.concurrency == "none"
        if not is_none and not (options.concurrency.isdecimal() and len(options.concurrency) < 19):
            raise InvalidValueError("--concurrency", "bad_number", "must be a number, or none")
        given["concurrency"] = None if is_none else int(options.concurrency)
    return given


def _quota(text: str) -> Quota:
    number, period = _pair("--quota", text)
    if period not in list(Period):
        raise InvalidValueError("--quota", "bad_period", "must be a number per hour, day or month, as in 1000/day")
    return Quota(number, Period(period))


def _pair(field: str, text: str) -> tuple[int, str]:
    number, slash, unit = text.partition("/")
    if not (slash and number.isascii() and number.isdecimal() and len(number) < 19):
        raise InvalidValueError(field, "bad_pair", "must be a number, a slash and a unit, as in 100/s or 1000/day")
    return int(number), unit


def _show(options: argparse.Namespace, found: list[Plan]) -> None:
    if options.json:
        say_json(plan_snapshot(found[0]))
        return
    rows = []
    for plan in found:
        quota = None if plan.quota is None else f"{plan.quota.requests}/{plan.quota.period}"
        rows.append({**plan_snapshot(plan), "rate": f"{plan.requests}/{plan.seconds}s", "quota": quota})
    say_table(rows, COLUMNS)
