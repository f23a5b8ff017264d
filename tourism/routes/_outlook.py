"""What a plan is worth at the moment of the request, for the pages that show one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import request

from tourism.domain.night_plan import Option, Outlook, Plan, outlook
from tourism.domain.planning import options
from tourism.routes._parse import written
from tourism.routes._render import link, now
from tourism.services.plans import PlanRequest
from tourism.services.town import Town


def plan_address(asked: PlanRequest) -> Callable[..., str]:
    """Return what gives the address of the plan's page for a request with some of it changed.

    Another time to leave is another question about the same turn; any other change is another trip.
    """

    def address(**changed: Any) -> str:
        turn = request.args.get("turn") if changed.keys() <= {"leave"} else None
        return link("/plan", **written(replace(asked, **changed)), turn=turn)

    return address


def outlook_values(town: Town, asked: PlanRequest, plan: Plan) -> dict[str, Any]:
    """Say what the plan is worth now, and which viewpoints can still be reached when it is not."""
    found = outlook(plan, now())
    later: Sequence[Option] = plan.alternatives.viewpoints
    if found is Outlook.LATE:
        later = options(town.world.almanac, plan.question)
    reachable = sorted((o for o in later if o.leave_at > now()), key=lambda option: option.leave_at)
    return {"outlook": found, "later": reachable, "Outlook": Outlook, "plan_address": plan_address(asked)}
