"""Sites: set up once, before the first patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.texts import clean
from planner.services.resources import public_holidays
from planner.store import audit, sites

if TYPE_CHECKING:
    from planner.core.history import Payload
    from planner.core.patients import Site
    from planner.services.work import Work


def add(work: Work, site: Site) -> None:
    """Save a new site; Refused for a code that is taken, or a country or region whose holidays are not known."""
    for what, words, most in (("The code", site.code, 20), ("The name", site.name, 120)):
        if not clean(words):
            raise Refused("words_needed", what=what)
        if len(words) > most:
            raise Refused("words_long", what=what, most=most)
    if site.holidays is not None:
        public_holidays(site.holidays, ())
    if any(known.code == site.code for known in sites.every(work.session)):
        raise Refused("site_known", code=site.code)
    sites.add(work.session, site)
    new: Payload = {"code": site.code, "name": site.name, "zone": site.zone, "holidays": site.holidays}
    audit.write(work.session, work.stamp("add_site"), f"site:{site.code}", (None, new), None)
