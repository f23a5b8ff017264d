"""One ratio against a named peer or limit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """How many times better ours is than the peer, or than a limit, and how often it should be."""

    what: str
    ratio: float
    at_least: float
    ours: float
    peer: float
    unit: str

    def __str__(self) -> str:
        figures = f"{self.ours:,.5g} against {self.peer:,.5g} {self.unit}"
        return f"{self.ratio:7.2f} (at least {self.at_least})  {self.what}: {figures}"
