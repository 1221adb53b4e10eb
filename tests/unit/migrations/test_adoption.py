from __future__ import annotations

from dataclasses import replace

import pytest

from servicekit.database.migration.adoption import table_blockers, table_changes
from servicekit.database.migration.existing import ExistingColumn, ExistingIndex, ExistingTable
from servicekit.database.migration.target import IfMissing, TargetColumn, TargetIndex, TargetTable

TARGET = TargetTable(
    name="lessons",
    columns=(
        TargetColumn(name="id", type="SERIAL", accepts=frozenset({"integer"}), if_missing=IfMissing.REFUSE),
        TargetColumn(name="created_at", type="TIMESTAMPTZ", default="now()", accepts=frozenset({"date"})),
        TargetColumn(name="colour", type="TEXT", accepts=frozenset({"text"}), if_missing=IfMissing.LEAVE_OUT),
        TargetColumn(
            name="seen_at",
            type="TIMESTAMPTZ",
            accepts=frozenset({"timestamp with time zone"}),
            converts=frozenset({"timestamp without time zone"}),
            conversion="Read as UTC.",
            size=6,
            documented=True,
        ),
        TargetColumn(
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
    indexes=(TargetIndex(columns=("colour",), purpose="lessons by colour"),),
)

PRIMARY_KEY = ExistingIndex(
    name="lessons_pkey",
    columns=frozenset({"id"}),
    definition="CREATE UNIQUE INDEX ...",
    unique_columns=("id",),
    of_constraint=True,
)

BY_COLOUR = ExistingIndex(
    name="any_name",
    columns=frozenset({"colour"}),
    definition="CREATE INDEX any_name ON public.lessons USING btree (colour)",
)
CREATE_BY_COLOUR = "CREATE INDEX ON lessons USING btree (colour)"

ADOPTED = ExistingTable(
    name="lessons",
    owner="platform",
    fillfactor=70,
    columns={
        "id": ExistingColumn(name="id", type="integer", not_null=True, default="nextval('lessons_id_seq'::regclass)"),
        "created_at": ExistingColumn(name="created_at", type="date"),
        "colour": ExistingColumn(name="colour", type="text"),
        "seen_at": ExistingColumn(name="seen_at", type="timestamp with time zone"),
        "word": ExistingColumn(name="word", type="character varying(30)", default="'none'::character varying"),
    },
    indexes=(PRIMARY_KEY, BY_COLOUR),
)


def with_column(column: ExistingColumn) -> ExistingTable:
    return replace(ADOPTED, columns={**ADOPTED.columns, column.name: column})


def without_column(name: str) -> ExistingTable:
    return replace(ADOPTED, columns={key: column for key, column in ADOPTED.columns.items() if key != name})


def statements(table: ExistingTable) -> list[str]:
    return [change.statement for change in table_changes(TARGET, table)]


def blockers(table: ExistingTable) -> list[str]:
    return [str(blocker) for blocker in table_blockers(TARGET, table)]


def test_a_table_in_the_targets_form_has_no_blockers() -> None:
    assert blockers(ADOPTED) == []


def test_a_table_in_the_targets_form_needs_no_change() -> None:
    assert statements(ADOPTED) == []


def test_a_missing_documented_column_is_added_with_its_default() -> None:
    assert statements(without_column("word")) == ["ALTER TABLE lessons ADD COLUMN word VARCHAR(30) DEFAULT 'none'"]


def test_a_missing_column_of_the_platform_is_added_without_a_default_that_would_invent_facts() -> None:
    assert statements(without_column("created_at")) == ["ALTER TABLE lessons ADD COLUMN created_at TIMESTAMPTZ"]


def test_a_missing_optional_column_is_not_added() -> None:
    assert statements(without_column("colour")) == []


def test_a_missing_required_column_is_a_blocker() -> None:
    assert blockers(without_column("id")) == [
        "lessons.id: is missing, and its values are not known; add it (SERIAL) with its values"
    ]


def test_a_time_without_zone_is_converted() -> None:
    table = with_column(ExistingColumn(name="seen_at", type="timestamp without time zone"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN seen_at TYPE TIMESTAMPTZ"]


def test_a_conversion_notes_how_old_values_are_read() -> None:
    table = with_column(ExistingColumn(name="seen_at", type="timestamp without time zone"))
    assert [change.note for change in table_changes(TARGET, table)] == [
        "lessons.seen_at: timestamp without time zone became TIMESTAMPTZ. Read as UTC."
    ]


def test_a_time_that_would_round_to_milliseconds_is_widened() -> None:
    table = with_column(ExistingColumn(name="seen_at", type="timestamp(3) with time zone"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN seen_at TYPE TIMESTAMPTZ"]


def test_a_narrow_text_is_widened() -> None:
    table = with_column(ExistingColumn(name="word", type="character varying(10)", default="'none'::character varying"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN word TYPE VARCHAR(30)"]


def test_a_text_without_a_limit_is_wide_enough() -> None:
    assert statements(with_column(ExistingColumn(name="word", type="text", default="'none'::text"))) == []


def test_a_missing_default_is_set() -> None:
    table = with_column(ExistingColumn(name="word", type="text"))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN word SET DEFAULT 'none'"]


def test_a_column_that_has_to_be_empty_at_first_may_be_null() -> None:
    table = with_column(ExistingColumn(name="seen_at", type="timestamp with time zone", not_null=True))
    assert statements(table) == ["ALTER TABLE lessons ALTER COLUMN seen_at DROP NOT NULL"]


def test_a_column_with_a_default_keeps_its_not_null() -> None:
    assert (
        statements(with_column(ExistingColumn(name="word", type="text", default="'none'::text", not_null=True))) == []
    )


def test_a_type_that_cannot_be_adopted_is_named_with_those_that_can() -> None:
    table = with_column(ExistingColumn(name="seen_at", type="numeric(10,2)"))
    takes = "timestamp with time zone, timestamp without time zone"
    assert blockers(table) == [f"lessons.seen_at: is numeric(10,2); change its type to one of: {takes}"]


def test_a_view_over_a_column_to_convert_is_a_blocker() -> None:
    column = ExistingColumn(name="seen_at", type="timestamp without time zone", views=("attendance_overview",))
    assert "is read by attendance_overview" in blockers(with_column(column))[0]


def test_a_view_over_a_column_that_stays_is_no_blocker() -> None:
    column = ExistingColumn(name="seen_at", type="timestamp with time zone", views=("attendance_overview",))
    assert blockers(with_column(column)) == []


def test_an_index_that_reads_a_changing_column_is_dropped() -> None:
    index = ExistingIndex(name="by_sight", columns=frozenset({"id", "seen_at"}), definition="CREATE INDEX by_sight ...")
    assert statements(replace(ADOPTED, indexes=(*ADOPTED.indexes, index))) == ["DROP INDEX by_sight"]


def test_the_definition_of_a_dropped_index_is_noted() -> None:
    index = ExistingIndex(name="by_sight", columns=frozenset({"seen_at"}), definition="CREATE INDEX by_sight ...")
    changes = table_changes(TARGET, replace(ADOPTED, indexes=(*ADOPTED.indexes, index)))
    assert changes[0].note.endswith("It was: CREATE INDEX by_sight ...")


def test_a_missing_index_is_created_and_its_purpose_noted() -> None:
    [change] = table_changes(TARGET, replace(ADOPTED, indexes=(PRIMARY_KEY,)))
    assert change.statement == CREATE_BY_COLOUR
    assert change.note == "lessons: index over colour created, for lessons by colour."


@pytest.mark.parametrize("keys", ["(colour)", "(colour, word)", "(colour DESC)"])
def test_an_index_that_begins_with_the_column_is_accepted(keys: str) -> None:
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
def test_an_index_that_does_not_find_every_row_by_the_column_is_not_accepted(definition: str) -> None:
    index = replace(BY_COLOUR, definition=f"CREATE INDEX other ON public.lessons USING {definition}")
    assert statements(replace(ADOPTED, indexes=(PRIMARY_KEY, index))) == [CREATE_BY_COLOUR]


def test_an_index_that_is_dropped_does_not_replace_one_that_is_needed() -> None:
    both = ExistingIndex(
        name="both",
        columns=frozenset({"colour", "seen_at"}),
        definition="CREATE INDEX both ON public.lessons USING btree (colour, seen_at)",
    )
    assert statements(replace(ADOPTED, indexes=(PRIMARY_KEY, both))) == ["DROP INDEX both", CREATE_BY_COLOUR]


def test_a_constraint_over_a_changing_column_is_a_blocker() -> None:
    index = ExistingIndex(name="one_sight", columns=frozenset({"seen_at"}), definition="", of_constraint=True)
    assert "a constraint uses the index one_sight" in blockers(replace(ADOPTED, indexes=(*ADOPTED.indexes, index)))[0]


def test_a_key_that_is_not_unique_by_itself_is_a_blocker() -> None:
    pair = replace(PRIMARY_KEY, unique_columns=("id", "word"))
    assert blockers(replace(ADOPTED, indexes=(pair,))) == [
        "lessons.id: is not unique by itself; ALTER TABLE lessons ADD PRIMARY KEY (id)"
    ]


def test_a_table_of_another_owner_is_a_blocker() -> None:
    assert blockers(replace(ADOPTED, owned=False)) == [
        "lessons: belongs to platform; run the migration as that role or as a member of it"
    ]


def test_a_view_is_not_a_table() -> None:
    assert blockers(replace(ADOPTED, kind="v")) == ["lessons: is not an ordinary table, so it can't be adopted"]


def test_all_blockers_are_reported_at_once() -> None:
    assert len(blockers(replace(ADOPTED, owned=False, columns={}, indexes=()))) == 2


def test_the_fillfactor_is_set() -> None:
    assert statements(replace(ADOPTED, fillfactor=None)) == ["ALTER TABLE lessons SET (fillfactor = 70)"]


def test_a_created_table_has_every_column_and_the_fillfactor() -> None:
    assert TARGET.create_statement == (
        "CREATE TABLE lessons (\n    id SERIAL,\n    created_at TIMESTAMPTZ DEFAULT now(),\n    colour TEXT,\n"
        "    seen_at TIMESTAMPTZ,\n    word VARCHAR(30) DEFAULT 'none'\n) WITH (fillfactor = 70)"
    )
