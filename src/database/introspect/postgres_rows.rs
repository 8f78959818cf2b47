//! The questions to PostgreSQL's system catalogs, one for all objects of a kind, and their answers.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, sql_query};

use super::failed;
use crate::database::DatabaseError;

/// What every question leaves out: system schemas.
const USER_SCHEMAS: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// Tables, views and sequences; without what an extension owns, and without sequences that a column owns.
#[derive(QueryableByName, Debug)]
pub(super) struct Relation {
    #[diesel(sql_type = BigInt)]
    pub oid: i64,
    #[diesel(sql_type = Text)]
    pub schema: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub comment: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub query: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub partition_by: Option<String>,
    /// What it is a partition of, and what follows is which rows it takes.
    #[diesel(sql_type = Nullable<Text>)]
    pub parent_schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub parent: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub bound: Option<String>,
}

pub(super) fn relations(connection: &mut PgConnection) -> Result<Vec<Relation>, DatabaseError> {
    load(
        connection,
        "SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name, \
         c.relkind::text AS kind, obj_description(c.oid, 'pg_class') AS comment, \
         CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query, pg_get_partkeydef(c.oid) AS partition_by, \
         w.nspname::text AS parent_schema, p.relname::text AS parent, pg_get_expr(c.relpartbound, c.oid) AS bound \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition \
         LEFT JOIN pg_class p ON p.oid = i.inhparent LEFT JOIN pg_namespace w ON w.oid = p.relnamespace \
         WHERE {user_schemas} AND c.relkind IN ('r', 'p', 'v', 'm', 'S') \
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
         AND d.objid = c.oid AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i')))) \
         ORDER BY c.oid",
    )
}

/// Columns of tables and views in their order.
#[derive(QueryableByName, Debug)]
pub(super) struct Column {
    #[diesel(sql_type = BigInt)]
    pub relation: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub sql_type: String,
    #[diesel(sql_type = Bool)]
    pub not_null: bool,
    /// `a` or `d` for an identity column.
    #[diesel(sql_type = Text)]
    pub identity: String,
    /// `s` for a stored generated column.
    #[diesel(sql_type = Text)]
    pub generated: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub default: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub collation: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub comment: Option<String>,
    #[diesel(sql_type = Bool)]
    pub owns_sequence: bool,
}

pub(super) fn columns(connection: &mut PgConnection) -> Result<Vec<Column>, DatabaseError> {
    load(
        connection,
        "SELECT a.attrelid::bigint AS relation, a.attname::text AS name, \
         format_type(a.atttypid, a.atttypmod) AS sql_type, a.attnotnull AS not_null, \
         a.attidentity::text AS identity, a.attgenerated::text AS generated, \
         pg_get_expr(d.adbin, d.adrelid) AS \"default\", \
         CASE WHEN a.attcollation <> t.typcollation THEN l.collname::text END AS collation, \
         col_description(a.attrelid, a.attnum) AS comment, \
         EXISTS (SELECT FROM pg_depend s JOIN pg_class q ON q.oid = s.objid AND q.relkind = 'S' \
         WHERE s.classid = 'pg_class'::regclass AND s.refclassid = 'pg_class'::regclass \
         AND s.refobjid = a.attrelid AND s.refobjsubid = a.attnum AND s.deptype = 'a') \
         OR c.relispartition AND EXISTS (SELECT FROM pg_depend u JOIN pg_class q ON q.oid = u.refobjid AND q.relkind = 'S' \
         JOIN pg_depend s ON s.classid = 'pg_class'::regclass \
         AND s.objid = u.refobjid AND s.refclassid = 'pg_class'::regclass AND s.deptype = 'a' \
         JOIN pg_partition_ancestors(c.oid) h ON h.relid = s.refobjid \
         WHERE u.classid = 'pg_attrdef'::regclass AND u.objid = d.oid AND u.refclassid = 'pg_class'::regclass) AS owns_sequence \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         LEFT JOIN pg_collation l ON l.oid = a.attcollation \
         WHERE {user_schemas} AND c.relkind IN ('r', 'p', 'v', 'm') \
         AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum",
    )
}

/// Keys, checks and foreign keys.
#[derive(QueryableByName, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the server's catalog")]
pub(super) struct Constraint {
    #[diesel(sql_type = BigInt)]
    pub relation: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// `p`, `u`, `c`, `f` or `x`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Bool)]
    pub validated: bool,
    #[diesel(sql_type = Bool)]
    pub no_inherit: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub expression: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub columns: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub target_schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub target: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub target_columns: Vec<String>,
    #[diesel(sql_type = Text)]
    pub on_delete: String,
    #[diesel(sql_type = Text)]
    pub on_update: String,
    #[diesel(sql_type = Bool)]
    pub deferrable: bool,
    #[diesel(sql_type = Bool)]
    pub deferred: bool,
    #[diesel(sql_type = Bool)]
    pub match_full: bool,
    #[diesel(sql_type = Array<Text>)]
    pub on_delete_columns: Vec<String>,
    /// The operators of an exclusion constraint.
    #[diesel(sql_type = Array<Text>)]
    pub operators: Vec<String>,
    /// What follows is of the key's own index.
    #[diesel(sql_type = Bool)]
    pub nulls_not_distinct: bool,
    #[diesel(sql_type = Array<Text>)]
    pub include: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    pub parameters: Vec<String>,
    #[diesel(sql_type = Bool)]
    pub incomplete: bool,
    /// What of the whole table it is part of: a constraint, or the index that its own index belongs to.
    #[diesel(sql_type = Nullable<Text>)]
    pub part_of: Option<String>,
}

/// The numbers of the columns that a delete sets: servers before version 15 have no such column, nor `indnullsnotdistinct`.
const SET_COLUMNS: &str = "CASE jsonb_typeof(to_jsonb(k) -> 'confdelsetcols') WHEN 'array' \
     THEN to_jsonb(k) -> 'confdelsetcols' ELSE '[]'::jsonb END";

pub(super) fn constraints(connection: &mut PgConnection) -> Result<Vec<Constraint>, DatabaseError> {
    load(
        connection,
        &"SELECT k.conrelid::bigint AS relation, k.conname::text AS name, k.contype::text AS kind, \
         k.convalidated AS validated, k.connoinherit AS no_inherit, pg_get_expr(k.conbin, k.conrelid) AS expression, \
         ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(num, place) \
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place) AS columns, \
         m.nspname::text AS target_schema, f.relname::text AS target, \
         ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(num, place) \
         JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.place) AS target_columns, \
         k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update, \
         k.condeferrable AS deferrable, k.condeferred AS deferred, k.confmatchtype = 'f' AS match_full, \
         ARRAY(SELECT a.attname::text FROM jsonb_array_elements_text({set}) WITH ORDINALITY AS u(num, place) \
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num::int2 ORDER BY u.place) AS on_delete_columns, \
         ARRAY(SELECT CASE WHEN q.nspname IN ('pg_catalog', 'public') THEN o.oprname::text ELSE q.nspname || '.' || o.oprname END \
         FROM unnest(k.conexclop) WITH ORDINALITY AS u(op, place) JOIN pg_operator o ON o.oid = u.op \
         JOIN pg_namespace q ON q.oid = o.oprnamespace ORDER BY u.place) AS operators, \
         coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false) AS nulls_not_distinct, \
         ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u(num, place) \
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num \
         WHERE u.place > i.indnkeyatts ORDER BY u.place) AS include, \
         coalesce(x.reloptions, '{}') AS parameters, coalesce(NOT i.indisvalid, false) AS incomplete, \
         CASE k.contype WHEN 'f' THEN w.conname::text ELSE (SELECT v.relname::text FROM pg_inherits h \
         JOIN pg_class v ON v.oid = h.inhparent WHERE h.inhrelid = k.conindid) END AS part_of \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class f ON f.oid = k.confrelid \
         LEFT JOIN pg_namespace m ON m.oid = f.relnamespace \
         LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype <> 'f' LEFT JOIN pg_class x ON x.oid = i.indexrelid \
         LEFT JOIN pg_constraint w ON w.oid = k.conparentid \
         WHERE {user_schemas} AND k.contype IN ('p', 'u', 'c', 'f', 'x') \
         AND (k.contype <> 'f' OR k.conparentid = 0 OR w.conrelid <> k.conrelid AND w.confrelid = k.confrelid) \
         ORDER BY k.conrelid, k.conname"
            .replace("{set}", SET_COLUMNS),
    )
}

/// Indexes that no key owns: those of exclusion constraints too.
#[derive(QueryableByName, Debug)]
pub(super) struct Index {
    #[diesel(sql_type = BigInt)]
    pub oid: i64,
    #[diesel(sql_type = BigInt)]
    pub relation: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub unique: bool,
    #[diesel(sql_type = Bool)]
    pub valid: bool,
    #[diesel(sql_type = Text)]
    pub method: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub predicate: Option<String>,
    #[diesel(sql_type = Bool)]
    pub nulls_not_distinct: bool,
    #[diesel(sql_type = Array<Text>)]
    pub parameters: Vec<String>,
    /// The index of the whole table that it belongs to.
    #[diesel(sql_type = Nullable<Text>)]
    pub part_of: Option<String>,
}

/// Which rows of `pg_index` are the users' own.
const OWN_INDEXES: &str = "FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
     JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_am m ON m.oid = x.relam \
     {more} WHERE {user_schemas} AND c.relkind IN ('r', 'p') \
     AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))";

pub(super) fn indexes(connection: &mut PgConnection) -> Result<Vec<Index>, DatabaseError> {
    let from = OWN_INDEXES.replace("{more}", "");
    load(
        connection,
        &format!(
            "SELECT i.indexrelid::bigint AS oid, i.indrelid::bigint AS relation, x.relname::text AS name, \
             i.indisunique AS \"unique\", i.indisvalid AS valid, m.amname::text AS method, \
             pg_get_expr(i.indpred, i.indrelid) AS predicate, \
             coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false) AS nulls_not_distinct, \
             coalesce(x.reloptions, '{{}}') AS parameters, \
             (SELECT w.relname::text FROM pg_inherits h JOIN pg_class w ON w.oid = h.inhparent \
             WHERE h.inhrelid = i.indexrelid) AS part_of {from} ORDER BY i.indexrelid"
        ),
    )
}

/// Parts of indexes in their order.
#[derive(QueryableByName, Debug)]
pub(super) struct IndexPart {
    #[diesel(sql_type = BigInt)]
    pub index: i64,
    #[diesel(sql_type = Bool)]
    pub included: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub column: Option<String>,
    #[diesel(sql_type = Text)]
    pub expression: String,
    /// 1: descending, 2: NULLs first.
    #[diesel(sql_type = SmallInt)]
    pub options: i16,
    #[diesel(sql_type = Nullable<Text>)]
    pub opclass: Option<String>,
    /// A collation other than the column's or expression's own.
    #[diesel(sql_type = Nullable<Text>)]
    pub collation: Option<String>,
    /// Those of the operator class.
    #[diesel(sql_type = Array<Text>)]
    pub parameters: Vec<String>,
}

pub(super) fn index_parts(connection: &mut PgConnection) -> Result<Vec<IndexPart>, DatabaseError> {
    let from = OWN_INDEXES.replace(
        "{more}",
        "CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS u(num, place) \
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num AND u.num <> 0 \
         LEFT JOIN pg_opclass o ON o.oid = i.indclass[u.place - 1] AND u.place <= i.indnkeyatts \
         LEFT JOIN pg_namespace p ON p.oid = o.opcnamespace \
         LEFT JOIN pg_collation l ON l.oid = i.indcollation[u.place - 1] AND u.place <= i.indnkeyatts \
         LEFT JOIN pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = u.place",
    );
    load(
        connection,
        &format!(
            "SELECT i.indexrelid::bigint AS index, u.place > i.indnkeyatts AS included, a.attname::text AS column, \
             pg_get_indexdef(i.indexrelid, u.place::int, false) AS expression, \
             CASE WHEN u.place <= i.indnkeyatts THEN i.indoption[u.place - 1] ELSE 0::int2 END AS options, \
             CASE WHEN NOT o.opcdefault OR ia.attoptions IS NOT NULL THEN CASE WHEN p.nspname IN ('pg_catalog', 'public') \
             THEN o.opcname::text ELSE p.nspname || '.' || o.opcname END END AS opclass, \
             CASE WHEN position(pg_get_indexdef(i.indexrelid, u.place::int, false) || ' COLLATE ' || \
             CASE WHEN pg_collation_is_visible(l.oid) THEN '' ELSE l.collnamespace::regnamespace || '.' END || \
             quote_ident(l.collname) IN pg_get_indexdef(i.indexrelid)) > 0 THEN l.collname::text END AS collation, \
             coalesce(ia.attoptions, '{{}}') AS parameters \
             {from} ORDER BY i.indexrelid, u.place"
        ),
    )
}

/// Enum types with their values in order.
#[derive(QueryableByName, Debug)]
pub(super) struct Enum {
    #[diesel(sql_type = Text)]
    pub schema: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Array<Text>)]
    pub values: Vec<String>,
}

pub(super) fn enums(connection: &mut PgConnection) -> Result<Vec<Enum>, DatabaseError> {
    load(
        connection,
        "SELECT n.nspname::text AS schema, t.typname::text AS name, \
         ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS values \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
         WHERE {user_schemas} AND t.typtype = 'e' AND NOT EXISTS (SELECT FROM pg_depend d \
         WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')",
    )
}

/// Triggers that users wrote; those that a partition has from its table are the table's.
#[derive(QueryableByName, Debug)]
pub(super) struct Trigger {
    #[diesel(sql_type = BigInt)]
    pub relation: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub definition: String,
}

pub(super) fn triggers(connection: &mut PgConnection) -> Result<Vec<Trigger>, DatabaseError> {
    load(
        connection,
        "SELECT g.tgrelid::bigint AS relation, g.tgname::text AS name, pg_get_triggerdef(g.oid) AS definition \
         FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {user_schemas} AND NOT g.tgisinternal AND coalesce((to_jsonb(g) ->> 'tgparentid')::bigint, 0) = 0",
    )
}

/// Functions of planner's own triggers.
#[derive(QueryableByName, Debug)]
pub(super) struct Function {
    #[diesel(sql_type = Text)]
    pub schema: String,
    #[diesel(sql_type = Text)]
    pub name: String,
}

pub(super) fn sync_functions(
    connection: &mut PgConnection,
) -> Result<Vec<Function>, DatabaseError> {
    load(
        connection,
        "SELECT n.nspname::text AS schema, p.proname::text AS name \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE {user_schemas} AND p.proname LIKE 'planner\\_sync\\_%'",
    )
}

/// The schemas that names are looked up in.
#[derive(QueryableByName, Debug)]
struct SearchPath {
    #[diesel(sql_type = Text)]
    path: String,
}

/// Sets the schemas that names are looked up in and returns the former; what the server prints then has a
/// schema exactly where it is not `public`.
pub(super) fn set_search_path(
    connection: &mut PgConnection,
    path: &str,
) -> Result<String, DatabaseError> {
    let read = "SELECT current_setting('search_path') AS path";
    let former: SearchPath =
        sql_query(read).get_result(connection).map_err(|error| failed(read, &error))?;
    let set = "SELECT set_config('search_path', $1, false) AS path";
    let _: SearchPath = sql_query(set)
        .bind::<Text, _>(path)
        .get_result(connection)
        .map_err(|error| failed(set, &error))?;
    Ok(former.path)
}

pub(super) fn load<Row>(connection: &mut PgConnection, sql: &str) -> Result<Vec<Row>, DatabaseError>
where
    Row: QueryableByName<diesel::pg::Pg> + 'static,
{
    let sql = sql.replace("{user_schemas}", USER_SCHEMAS);
    sql_query(sql.as_str()).load(connection).map_err(|error| failed(&sql, &error))
}
