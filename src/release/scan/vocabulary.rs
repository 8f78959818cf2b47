//! The names of Diesel's functions and methods, and of macros, that a scan knows.

/// Methods that run a query, so that it is not kept.
pub(super) const RUNS: [&str; 9] = [
    "load",
    "load_iter",
    "load_stream",
    "first",
    "get_result",
    "get_results",
    "execute",
    "explain",
    "save_changes",
];

/// Methods of Diesel that shape a query and leave what it selects as it is.
pub(super) const SHAPES: [&str; 28] = [
    "filter",
    "or_filter",
    "find",
    "order",
    "order_by",
    "then_order_by",
    "limit",
    "offset",
    "distinct",
    "distinct_on",
    "inner_join",
    "left_join",
    "left_outer_join",
    "right_join",
    "full_outer_join",
    "cross_join",
    "group_by",
    "having",
    "or_having",
    "into_boxed",
    "for_update",
    "for_no_key_update",
    "for_share",
    "for_key_share",
    "skip_locked",
    "no_wait",
    "on",
    "only",
];

/// Methods whose argument is another table of the same query.
pub(super) const JOINS: [&str; 6] =
    ["inner_join", "left_join", "left_outer_join", "right_join", "full_outer_join", "cross_join"];

/// Statements that take a table and give back its columns unless they are told which.
pub(super) const STATEMENTS: [&str; 5] =
    ["insert_into", "insert_or_ignore_into", "replace_into", "update", "delete"];

/// Macros whose arguments are plain Rust.
pub(super) const PLAIN: [&str; 40] = [
    "println",
    "print",
    "eprintln",
    "eprint",
    "format",
    "format_args",
    "write",
    "writeln",
    "panic",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "vec",
    "matches",
    "todo",
    "unreachable",
    "unimplemented",
    "dbg",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "log",
    "event",
    "span",
    "instrument",
    "json",
    "anyhow",
    "bail",
    "ensure",
    "concat",
    "env",
    "option_env",
    "cfg",
    "stringify",
    "thread_local",
];

/// Calls whose argument is part of the query that is being written.
pub(super) const TAKES_QUERY: [&str; 18] = [
    "exists",
    "not",
    "eq_any",
    "ne_all",
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "filter",
    "or_filter",
    "select",
    "union",
    "union_all",
    "intersect",
    "except",
    "on",
];
