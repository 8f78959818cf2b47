//! Functions of which two calls in one statement may differ.

const POSTGRES: [&str; 27] = [
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "lastval",
    "nextval",
    "pg_advisory_lock",
    "pg_advisory_xact_lock",
    "pg_backend_pid",
    "pg_notify",
    "pg_sleep",
    "pg_try_advisory_lock",
    "random",
    "random_normal",
    "set_config",
    "setseed",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "txid_current",
    "pg_current_xact_id",
    "dblink",
];

const SQLITE: [&str; 5] = ["changes", "last_insert_rowid", "random", "randomblob", "total_changes"];

/// Returns whether PostgreSQL's function of this name is volatile; of unknown ones it is not known.
pub(super) fn postgres(name: &str) -> bool {
    let bare = name.rsplit('.').next().unwrap_or(name);
    POSTGRES.contains(&bare)
}

/// Returns whether SQLite's function of this name is volatile.
pub(super) fn sqlite(name: &str) -> bool {
    SQLITE.contains(&name)
}
