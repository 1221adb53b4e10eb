from __future__ import annotations

from attendance_service.domain.listing import RankPosition


def test_highest_comes_first_then_equals_by_id_and_those_without_a_value_last() -> None:
    ranked = [
        RankPosition(value=100.0, identifier=9),
        RankPosition(value=50.0, identifier=1),
        RankPosition(value=50.0, identifier=2),
        RankPosition(value=0.0, identifier=3),
        RankPosition(value=None, identifier=1),
        RankPosition(value=None, identifier=4),
    ]
    shuffled = ranked[3:] + ranked[:3]
    assert sorted(shuffled, key=lambda position: position.order) == ranked
