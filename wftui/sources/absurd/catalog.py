"""What a database holds of Absurd and of its workflow tracking, and what of it this user may read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.errors import TargetError
from wftui.model.workflow import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.sources.absurd.connection import Link, Row

SCHEMA = "absurd"
RUNS = "workflow_run"
_NEEDED = MappingProxyType(
    {
        "t": ("task_id", "task_name", "state"),
        "r": ("run_id", "task_id", "attempt", "state"),
        "c": ("task_id", "checkpoint_name"),
        "w": ("task_id", "run_id", "event_name"),
    }
)
_LACKS = MappingProxyType(
    {
        "r": "attempts, times and errors are missing",
        "c": "steps are missing",
        "w": "what tasks wait for is missing",
    }
)
_RUN_NEEDED = ("workflow_run_id", "workflow_name", "status")
_RUN_KEYS = ("uuid", "text", "character varying")
# Partitions are parts of a table that is listed itself.
_TABLES = sql.SQL("""
    select c.relname as name, n.nspname as schema,
           pg_catalog.array_agg(a.attname::text) filter (where permitted) as columns,
           pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, null)) filter (where permitted) as types,
           pg_catalog.array_agg(a.attname::text) as all_columns, c.oid::int8 as oid, c.relkind::text as kind,
           pg_catalog.has_table_privilege(c.oid, 'SELECT') as whole
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped,
    lateral (select pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') as permitted) p
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
      and (n.nspname = {schema} and (c.relname ~ '^[trcw]_' or c.relname = 'queues')
           or c.oid = pg_catalog.to_regclass({runs}))
    group by c.oid, c.relname, c.relkind, n.nspname
""").format(schema=SCHEMA, runs=RUNS)
_INDEXES = sql.SQL("""
    select pg_catalog.array_agg(a.attname::text order by k.place) as columns
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_am m on m.oid = c.relam and m.amname = 'btree',
    lateral pg_catalog.unnest(i.indkey) with ordinality k (number, place)
    join pg_catalog.pg_attribute a on a.attrelid = %(oid)s::oid and a.attnum = k.number
    where i.indrelid = %(oid)s::oid and i.indisvalid and i.indpred is null and i.indexprs is null
    group by i.indexrelid
""").format()
_RIGHTS = sql.SQL("""
    select pg_catalog.has_schema_privilege(n.oid, 'USAGE') as permitted
    from pg_catalog.pg_namespace n where n.nspname = {schema}
""").format(schema=SCHEMA)
_QUEUES = sql.SQL("select queue_name as name from {schema}.queues order by queue_name").format(
    schema=sql.Identifier(SCHEMA)
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        schema: Where it is.
        name: Its name, raw.
        types: The type of each column that may be read, as PostgreSQL writes it ("uuid", "jsonb").
        oid: Its number.
        kind: As in `pg_class.relkind`: "r" table, "p" partitioned, "v" view …
        indexes: The columns of each index that holds all rows in order.
        is_whole: Whether all of it may be read; else it is `types` that may, and nothing that is no column of it.
    """

    schema: str
    name: str
    types: Mapping[str, str]
    oid: int = 0
    kind: str = "r"
    indexes: tuple[tuple[str, ...], ...] = ()
    is_whole: bool = True

    def is_indexed_by(self, *columns: str) -> bool:
        """Whether an index begins with these columns, in this order."""
        return any(index[: len(columns)] == columns for index in self.indexes)

    @property
    def identifier(self) -> sql.Identifier:
        """Its quoted name. Every statement has placeholders, so that a percent sign of a name is doubled."""
        return sql.Identifier(self.schema.replace("%", "%%"), self.name.replace("%", "%%"))


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and its tables; what cannot be read is None."""

    name: str
    tasks: Table
    runs: Table | None
    checkpoints: Table | None
    waits: Table | None


@dataclass(frozen=True, slots=True)
class Catalog:
    """What there is to read.

    Attributes:
        queues: By name.
        runs: The table of workflow runs.
        names: The names of all queues, also of those that cannot be read; None where they are not told.
        problems: What is missing, and why.
    """

    queues: tuple[Queue, ...] = ()
    runs: Table | None = None
    names: tuple[str, ...] | None = None
    problems: tuple[Problem, ...] = ()


def queue_names(link: Link) -> tuple[str, ...]:
    """The names of all queues.

    Raises:
        TargetError: They cannot be read.
    """
    return tuple(row["name"] for row in link.fetch(_QUEUES + sql.SQL("")))


def read_catalog(link: Link) -> Catalog:
    """Look at what there is.

    Raises:
        TargetError: It cannot be reached, or holds nothing of Absurd.
    """
    found = {(row["schema"], row["name"]): row for row in link.fetch(_TABLES)}
    runs = next((row for (schema, name), row in found.items() if name == RUNS), None)
    rights = link.fetch(_RIGHTS)
    if not rights and runs is None:
        raise TargetError(
            f"no schema '{SCHEMA}' and no table '{RUNS}' in {link.target}", "name Absurd's database, or: absurdctl init"
        )
    problems: list[Problem] = []
    names: tuple[str, ...] | None = None
    queues: list[Queue] = []
    if rights and not rights[0]["permitted"]:
        problems.append(Problem(SCHEMA, "no right to use the schema: tasks are not shown"))
    elif rights:
        names = _names(link, found, problems)
        listed = names if names is not None else _names_of_tables(found)
        queues = [queue for name in listed if (queue := _queue(name, found, problems)) is not None]
    table = _run_table(runs, problems)
    if table is not None:
        found_indexes = link.fetch(_INDEXES, {"oid": table.oid})
        table = replace(table, indexes=tuple(tuple(row["columns"]) for row in found_indexes))
    return Catalog(tuple(queues), table, names, tuple(problems))


def _names(link: Link, found: Mapping[tuple[str, str], Row], problems: list[Problem]) -> tuple[str, ...] | None:
    table = found.get((SCHEMA, "queues"))
    if table is not None and "queue_name" in (table["columns"] or ()):
        return queue_names(link)
    problems.append(Problem(f"{SCHEMA}.queues", "no right to read it: queues are told by their tables"))
    return None


def _names_of_tables(found: Mapping[tuple[str, str], Row]) -> list[str]:
    tables = {name for schema, name in found if schema == SCHEMA}
    return sorted(name[2:] for name in tables if name.startswith("t_") and f"r_{name[2:]}" in tables)


def _queue(name: str, found: Mapping[tuple[str, str], Row], problems: list[Problem]) -> Queue | None:
    tables: dict[str, Table | None] = {}
    for prefix, needed in _NEEDED.items():
        row = found.get((SCHEMA, f"{prefix}_{name}"))
        lacking = _lacking(row, needed)
        lost = _LACKS.get(prefix, "its tasks are not shown")
        if lacking:
            problems.append(Problem(f"{SCHEMA}.{prefix}_{name}", f"{lacking}: {lost}"))
        tables[prefix] = None if row is None or lacking else _table(row)
    tasks = tables["t"]
    return None if tasks is None else Queue(name, tasks, tables["r"], tables["c"], tables["w"])


def _run_table(row: Row | None, problems: list[Problem]) -> Table | None:
    if row is None:
        return None
    table = _table(row)
    lacking = _lacking(row, _RUN_NEEDED)
    if not lacking and table.types["workflow_run_id"] not in _RUN_KEYS:
        lacking = f"workflow_run_id is of type {table.types['workflow_run_id']}"
    if lacking:
        problems.append(Problem(f"{table.schema}.{RUNS}", f"{lacking}: workflow runs are not shown"))
        return None
    return table


def _lacking(row: Row | None, needed: tuple[str, ...]) -> str:
    """Why a table cannot be read; "" if it can."""
    if row is None:
        return "there is no such table"
    permitted = row["columns"] or ()
    if not permitted:
        return "no right to read it"
    absent = [name for name in needed if name not in row["all_columns"]]
    if absent:
        return f"no column {', '.join(absent)}"
    hidden = [name for name in needed if name not in permitted]
    return f"no right to read {', '.join(hidden)}" if hidden else ""


def _table(row: Row) -> Table:
    columns, types = row["columns"] or (), row["types"] or ()
    by_name = MappingProxyType(dict(zip(columns, types, strict=True)))
    return Table(row["schema"], row["name"], by_name, row["oid"], row["kind"], is_whole=row["whole"])
