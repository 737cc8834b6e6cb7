"""The edges of a window as dates; its anchor's day is Monday 3 March 2025."""

from datetime import date

import pytest

from planner.core.days import Span, Unit, Window
from planner.core.protocol import Anchor, Bounds, Timing, Tolerance
from planner.core.windows import window_edge, window_of

DAY = date(2025, 3, 3)
D1 = Anchor(("d1",))
MONTH = Span(1, Unit.MONTHS)


@pytest.mark.parametrize(
    ("window", "edges"),
    [
        (None, (None, None)),
        (Bounds(D1, Span(98), Span(125)), (date(2025, 6, 9), date(2025, 7, 6))),
        (Bounds(D1, None, Span(7)), (None, date(2025, 3, 10))),
        (Tolerance(Span(2), Span(3)), (date(2025, 3, 8), date(2025, 3, 13))),
        (Tolerance(None, Span(3)), (None, date(2025, 3, 13))),
        (Tolerance(MONTH, Span(3)), (date(2025, 2, 10), date(2025, 3, 13))),
        (Tolerance(MONTH, None), (date(2025, 2, 10), None)),
    ],
    ids=["none", "bounds", "open below", "days", "no first day", "a month before a day", "no last day"],
)
def test_an_edge_is_counted_from_the_anchor_or_where_units_do_not_add_up_from_the_target(window, edges):
    """The target is Monday 10 March, 7 days after; a month before it is 10 February."""
    timing = Timing(D1, Span(7), window)

    assert tuple(window_edge(timing, DAY, (), late=late) for late in (False, True)) == edges
    assert window_of(timing, DAY, ()) == (None if window is None else Window(*edges))
