//! Tables of a PostgreSQL database that inherit from others and are no partitions.

use diesel::sql_types::{Array, Text};
use diesel::{PgConnection, QueryableByName};

use super::postgres_rows::load;
use crate::database::DatabaseError;

/// A table and one that it inherits from.
#[derive(QueryableByName, Debug)]
pub(super) struct Heir {
    #[diesel(sql_type = Text)]
    pub schema: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub parent_schema: String,
    #[diesel(sql_type = Text)]
    pub parent: String,
    /// The columns that it has of its own too.
    #[diesel(sql_type = Array<Text>)]
    pub own: Vec<String>,
    /// The checks that it has of its own too.
    #[diesel(sql_type = Array<Text>)]
    pub own_checks: Vec<String>,
}

pub(super) fn heirs(connection: &mut PgConnection) -> Result<Vec<Heir>, DatabaseError> {
    load(
        connection,
        "SELECT n.nspname::text AS schema, c.relname::text AS name, w.nspname::text AS parent_schema, p.relname::text AS parent, \
         ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         AND a.attislocal ORDER BY a.attnum) AS own, \
         ARRAY(SELECT k.conname::text FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal \
         ORDER BY k.conname) AS own_checks \
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND NOT c.relispartition AND c.relkind = 'r' \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace w ON w.oid = p.relnamespace \
         WHERE {user_schemas}",
    )
}
