"""Who is no person by what it calls itself: crawlers, and messengers that draw a preview of a link."""

from crawlerdetect import CrawlerDetect

_KNOWN = CrawlerDetect()


def is_robot(agent: str) -> bool:
    """Tell whether a client says it is a robot; one that says nothing is taken for one."""
    return not agent.strip() or bool(_KNOWN.isCrawler(agent))
