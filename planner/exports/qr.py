"""An address as a code that a telephone's camera reads."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_ZONE = 4
"""Empty cells around it, as ISO/IEC 18004 asks: without them cameras do not find it."""


def drawn(address: str, title: str) -> Markup:
    """The code as SVG in a page, with its title for those who cannot see it; empty where there is no address."""
    if not address:
        return Markup()
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(title=title, omitsize=True, border=QUIET_ZONE, svgclass="code", lineclass=None))  # noqa: S704  # of cells only
