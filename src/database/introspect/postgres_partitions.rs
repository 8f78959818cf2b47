//! Partitions as PostgreSQL lists them.

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{PgConnection, QueryableByName};

use super::postgres_rows::load;
use crate::database::DatabaseError;

/// Partitions, with the table that they are of in the end.
#[derive(QueryableByName, Debug)]
pub(super) struct Partition {
    #[diesel(sql_type = BigInt)]
    pub root: i64,
    #[diesel(sql_type = Text)]
    pub schema: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub parent_schema: String,
    #[diesel(sql_type = Text)]
    pub parent: String,
    #[diesel(sql_type = Text)]
    pub bound: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub divided_by: Option<String>,
}

pub(super) fn partitions(connection: &mut PgConnection) -> Result<Vec<Partition>, DatabaseError> {
    load(
        connection,
        "SELECT pg_partition_root(c.oid)::oid::bigint AS root, n.nspname::text AS schema, c.relname::text AS name, \
         m.nspname::text AS parent_schema, p.relname::text AS parent, \
         pg_get_expr(c.relpartbound, c.oid) AS bound, pg_get_partkeydef(c.oid) AS divided_by \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits i ON i.inhrelid = c.oid \
         JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace m ON m.oid = p.relnamespace \
         WHERE {user_schemas} AND c.relispartition AND c.relkind IN ('r', 'p')",
    )
}
