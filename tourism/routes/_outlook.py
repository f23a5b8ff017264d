"""What a plan is worth at the moment of the request, for the pages that show one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tourism.domain.night_plan import Outlook, Plan, outlook
from tourism.routes._parse import written
from tourism.routes._render import link, now
from tourism.services.plans import PlanRequest, still_reachable
from tourism.services.town import Town


def tab(asked: PlanRequest) -> Callable[..., str]:
    """Return what gives the address of the plan's page for a request with some of it changed."""
    return lambda **changed: link("/plan", **written(replace(asked, **changed)))


def outlook_values(town: Town, asked: PlanRequest, plan: Plan) -> dict[str, Any]:
    """Say what the plan is worth now, and which viewpoints can still be reached when it is not."""
    found = outlook(plan, now())
    missed = found in (Outlook.LATE, Outlook.CLOSED, Outlook.IMPOSSIBLE)
    later = still_reachable(town, plan.question, now()) if missed else []
    return {"outlook": found, "later": later, "Outlook": Outlook, "tab": tab(asked)}
