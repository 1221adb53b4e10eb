from __future__ import annotations

from dataclasses import replace

import pytest

from servicekit.database.migration.adoption import changes_of, problems_of
from servicekit.database.migration.found import FoundColumn, FoundIndex, FoundTable
from servicekit.database.migration.wanted import WantedColumn, WantedIndex, WantedTable

WANTED = WantedTable(
    name="lessons",
    columns=(
        WantedColumn(name="id", type="SERIAL", accepts=frozenset({"integer"}), required=True),
        WantedColumn(name="created_at", type="TIMESTAMPTZ", default="now()", accepts=frozenset({"date"})),
        WantedColumn(name="colour", type="TEXT", accepts=frozenset({"text"}), optional=True),
        WantedColumn(
            name="seen_at",
            type="TIMESTAMPTZ",
            accepts=frozenset({"timestamp with time zone"}),
            converts=frozenset({"timestamp without time zone"}),
            conversion="Read as UTC.",
            size=6,
            documented=True,
        ),
        WantedColumn(
            name="word",
            type="VARCHAR(30)",
            default="'none'",
            accepts=frozenset({"character varying", "text"}),
            size=30,
            documented=True,
        ),
    ),
    fillfactor=70,
    unindexed=frozenset({"seen_at"}),
    indexes=(WantedIndex(columns=("colour",), purpose="lessons by colour"),),
)

PRIMARY_KEY = FoundIndex(
    name="lessons_pkey",
    columns=frozenset({"id"}),
    definition="CREATE UNIQUE INDEX ...",
    unique_columns=("id",),
    of_constraint=True,
)

BY_COLOUR = FoundIndex(
    name="any_name",
    columns=frozenset({"colour"}),
    definition="CREATE INDEX any_name ON public.lessons USING btree (colour)",
)
CREATE_BY_COLOUR = "CREATE INDEX ON lessons USING btree (colour)"

ADOPTED = FoundTable(
    name="lessons",
    owner="platform",
    fillfactor=70,
    columns={
        "id": FoundColumn(name="id", type="integer", not_null=True, default="nextval('lessons_id_seq'::regclass)"),
        "created_at": FoundColumn(name="created_at", type="date"),
        "colour": FoundColumn(name="colour", type="text"),
        "seen_at": FoundColumn(name="seen_at", type="timestamp with time zone"),
        "word": FoundColumn(name="word", type="character varying(30)", default="'none'::character varying"),
    },
    indexes=(PRIMARY_KEY, BY_COLOUR),
)


def with_column(column: FoundColumn) -> FoundTable:
    return replace(ADOPTED, columns={**ADOPTED.columns, column.name: column})


def without_column(name: str) -> FoundTable:
    return replace(ADOPTED, columns={key: column for key, column in ADOPTED.columns.items() if key != name})


def statements(table: FoundTable) -> list[str]:
    return [change.statement for change in changes_of(WANTED, table)]


def problems(table: FoundTable) -> list[str]:
    return [str(problem) for problem in problems_of(WANTED, table)]


def test_a_table_as_wanted_has_no_problems() -> None:
    assert problems(ADOPTED) == []


def test_a_table_as_wanted_needs_no_change() -> None:
    assert statements(ADOPTED) == []


def test_a_missing_documented_column_is_added_with_its_default() -> None:
    assert statements(without_column("word")) == ["ALTER TABLE lessons ADD COLUMN word VARCHAR(30) DEFAULT 'none'"]


def test_a_missing_column_of_the_platform_is_added_without_a_default_that_would_make_up_facts() -> None:
    assert statements(without_column("created_at")) == ["ALTER TABLE lessons ADD COLUMN created_at TIMESTAMPTZ"]


def test_a_missing_optional_column_is_done_without() -> None:
    assert statements(without_column("colour")) == []


def test_a_missing_required_column_is_a_problem() -> None:
    assert problems(without_column("id")) == [
        "lessons.id: is missing and can't be made up; add it (SERIAL) with its values"
    ]


def test_a_time_without_zone_is_converted() -> None:
    table = with_column(FoundColumn(name="seen_at", type="timestamp without time zone"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN seen_at TYPE TIMESTAMPTZ"]


def test_a_conversion_tells_how_old_values_are_read() -> None:
    table = with_column(FoundColumn(name="seen_at", type="timestamp without time zone"))
    assert [change.told for change in changes_of(WANTED, table)] == [
        "lessons.seen_at: timestamp without time zone became TIMESTAMPTZ. Read as UTC."
    ]


def test_a_time_that_would_round_to_milliseconds_is_widened() -> None:
    table = with_column(FoundColumn(name="seen_at", type="timestamp(3) with time zone"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN seen_at TYPE TIMESTAMPTZ"]


def test_a_narrow_text_is_widened() -> None:
    table = with_column(FoundColumn(name="word", type="character varying(10)", default="'none'::character varying"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN word TYPE VARCHAR(30)"]


def test_a_text_without_a_limit_is_wide_enough() -> None:
    assert statements(with_column(FoundColumn(name="word", type="text", default="'none'::text"))) == []


def test_a_missing_default_is_set() -> None:
    table = with_column(FoundColumn(name="word", type="text"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN word SET DEFAULT 'none'"]


def test_a_column_that_has_to_be_empty_at_first_may_be_null() -> None:
    table = with_column(FoundColumn(name="seen_at", type="timestamp with time zone", not_null=True))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN seen_at DROP NOT NULL"]


def test_a_column_with_a_default_keeps_its_not_null() -> None:
    assert statements(with_column(FoundColumn(name="word", type="text", default="'none'::text", not_null=True))) == []


def test_a_type_that_cannot_be_adopted_is_named_with_those_that_can() -> None:
    table = with_column(FoundColumn(name="seen_at", type="numeric(10,2)"))
    takes = "timestamp with time zone, timestamp without time zone"
    assert problems(table) == [f"lessons.seen_at: is numeric(10,2); change its type to one of: {takes}"]


def test_a_view_over_a_column_to_convert_is_a_problem() -> None:
    column = FoundColumn(name="seen_at", type="timestamp without time zone", views=("attendance_overview",))
    assert "is read by attendance_overview" in problems(with_column(column))[0]


def test_a_view_over_a_column_that_stays_is_none() -> None:
    column = FoundColumn(name="seen_at", type="timestamp with time zone", views=("attendance_overview",))
    assert problems(with_column(column)) == []


def test_an_index_that_reads_a_changing_column_is_dropped() -> None:
    index = FoundIndex(name="by_sight", columns=frozenset({"id", "seen_at"}), definition="CREATE INDEX by_sight ...")
    assert statements(replace(ADOPTED, indexes=(*ADOPTED.indexes, index))) == ["DROP INDEX by_sight"]


def test_what_a_dropped_index_was_is_told() -> None:
    index = FoundIndex(name="by_sight", columns=frozenset({"seen_at"}), definition="CREATE INDEX by_sight ...")
    changes = changes_of(WANTED, replace(ADOPTED, indexes=(*ADOPTED.indexes, index)))
    assert changes[0].told.endswith("It was: CREATE INDEX by_sight ...")


def test_a_missing_index_is_created_and_its_purpose_told() -> None:
    [change] = changes_of(WANTED, replace(ADOPTED, indexes=(PRIMARY_KEY,)))
    assert change.statement == CREATE_BY_COLOUR
    assert change.told == "lessons: index over colour created, for lessons by colour."


@pytest.mark.parametrize("keys", ["(colour)", "(colour, word)", "(colour DESC)"])
def test_an_index_that_leads_with_the_column_does(keys: str) -> None:
    index = replace(BY_COLOUR, definition=f"CREATE INDEX other ON public.lessons USING btree {keys}")
    assert statements(replace(ADOPTED, indexes=(PRIMARY_KEY, index))) == []


@pytest.mark.parametrize(
    "definition",
    [
        "btree (word, colour)",
        "btree (colours)",
        "btree (lower(colour))",
        "gin (colour)",
        "btree (colour) WHERE (id > 5)",
    ],
)
def test_an_index_that_finds_not_every_row_by_the_column_does_not(definition: str) -> None:
    index = replace(BY_COLOUR, definition=f"CREATE INDEX other ON public.lessons USING {definition}")
    assert statements(replace(ADOPTED, indexes=(PRIMARY_KEY, index))) == [CREATE_BY_COLOUR]


def test_an_index_that_has_to_go_does_not_stand_in_for_one_that_is_needed() -> None:
    both = FoundIndex(
        name="both",
        columns=frozenset({"colour", "seen_at"}),
        definition="CREATE INDEX both ON public.lessons USING btree (colour, seen_at)",
    )
    assert statements(replace(ADOPTED, indexes=(PRIMARY_KEY, both))) == ["DROP INDEX both", CREATE_BY_COLOUR]


def test_a_constraint_over_a_changing_column_is_a_problem() -> None:
    index = FoundIndex(name="one_sight", columns=frozenset({"seen_at"}), definition="", of_constraint=True)
    assert "a constraint rests on one_sight" in problems(replace(ADOPTED, indexes=(*ADOPTED.indexes, index)))[0]


def test_a_key_that_is_not_unique_by_itself_is_a_problem() -> None:
    pair = replace(PRIMARY_KEY, unique_columns=("id", "word"))
    assert problems(replace(ADOPTED, indexes=(pair,))) == [
        "lessons.id: is not unique by itself; ALTER TABLE lessons ADD PRIMARY KEY (id)"
    ]


def test_somebody_elses_table_is_a_problem() -> None:
    assert problems(replace(ADOPTED, owned=False)) == [
        "lessons: belongs to platform; run the migration as that role or as a member of it"
    ]


def test_a_view_is_not_a_table() -> None:
    assert problems(replace(ADOPTED, kind="v")) == ["lessons: is not an ordinary table; only such a one can be adopted"]


def test_every_problem_is_told_at_once() -> None:
    assert len(problems(replace(ADOPTED, owned=False, columns={}, indexes=()))) == 2


def test_the_fillfactor_is_set() -> None:
    assert statements(replace(ADOPTED, fillfactor=None)) == ["ALTER TABLE lessons SET (fillfactor = 70)"]


def test_a_table_from_nothing_has_every_column_and_the_fillfactor() -> None:
    assert WANTED.create_statement == (
        "CREATE TABLE lessons (\n    id SERIAL,\n    created_at TIMESTAMPTZ DEFAULT now(),\n    colour TEXT,\n"
        "    seen_at TIMESTAMPTZ,\n    word VARCHAR(30) DEFAULT 'none'\n) WITH (fillfactor = 70)"
    )
