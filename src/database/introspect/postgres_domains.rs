//! The domains of a PostgreSQL database.

use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryableByName};

use super::postgres_rows::load;
use crate::database::DatabaseError;

/// A domain, an extension's too: columns may be of it.
#[derive(QueryableByName, Debug)]
pub(super) struct Domain {
    #[diesel(sql_type = Text)]
    pub schema: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub over: String,
    #[diesel(sql_type = Bool)]
    pub not_null: bool,
    #[diesel(sql_type = Text)]
    pub beside: String,
    #[diesel(sql_type = Bool)]
    pub of_extension: bool,
}

pub(super) fn domains(connection: &mut PgConnection) -> Result<Vec<Domain>, DatabaseError> {
    load(
        connection,
        "SELECT n.nspname::text AS schema, t.typname::text AS name, format_type(t.typbasetype, t.typtypmod) AS over, \
         t.typnotnull AS not_null, concat_ws(' ', \
         CASE WHEN t.typcollation <> b.typcollation THEN 'COLLATE ' || (SELECT CASE l.collnamespace::regnamespace::text \
         WHEN 'pg_catalog' THEN '' WHEN 'public' THEN '' ELSE l.collnamespace::regnamespace || '.' END || quote_ident(l.collname) \
         FROM pg_collation l WHERE l.oid = t.typcollation) END, \
         'DEFAULT ' || pg_get_expr(t.typdefaultbin, 0), \
         (SELECT string_agg('CONSTRAINT ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid), ' ' ORDER BY c.conname) \
         FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c')) AS beside, \
         EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e') AS of_extension \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype \
         WHERE {user_schemas} AND t.typtype = 'd'",
    )
}
