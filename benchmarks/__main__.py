"""Run the benchmarks, all or those named, and print each ratio beside its limit."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks import boards, branding, conflation, hours, http, network, nightsim, plans, sharing, slots, spots

ALL = {
    "hours": hours, "conflation": conflation, "network": network, "spots": spots, "plans": plans, "slots": slots,
    "nightsim": nightsim, "boards": boards, "sharing": sharing, "branding": branding, "http": http,
}  # fmt: skip


def main(names: list[str]) -> int:
    """Print the ratios; 1 when one is below its limit, 2 when a peer is missing."""
    failed = False
    for name in names or ALL:
        try:
            # A process of its own: what one benchmark leaves in memory slows the next one's collections.
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                results = process.submit(ALL[name].measure).result()
        except RuntimeError as error:
            print(f"{name}: {error}")
            return 2
        for result in results:
            print(result, flush=True)
            failed |= result.ratio < result.at_least
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
