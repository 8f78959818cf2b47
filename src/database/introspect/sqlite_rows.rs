//! The questions to SQLite's own tables and pragmas, one for all objects of a kind, and their answers.

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};

use super::failed;
use crate::database::DatabaseError;

/// Ordinary tables.
#[derive(QueryableByName, Debug)]
pub(super) struct Table {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub sql: String,
    #[diesel(sql_type = BigInt)]
    pub without_rowid: i64,
    #[diesel(sql_type = BigInt)]
    pub strict: i64,
}

/// Which of SQLite's tables are the users' own.
const OWN_TABLES: &str = "FROM sqlite_master m JOIN pragma_table_list AS l \
     ON l.name = m.name AND l.schema = 'main' AND l.type = 'table' \
     {more} WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

pub(super) fn tables(connection: &mut SqliteConnection) -> Result<Vec<Table>, DatabaseError> {
    let from = OWN_TABLES.replace("{more}", "");
    load(
        connection,
        &format!("SELECT m.name, m.sql, l.wr AS without_rowid, l.strict {from} ORDER BY m.name"),
    )
}

/// Columns in their order.
#[derive(QueryableByName, Debug)]
pub(super) struct Column {
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub sql_type: String,
    #[diesel(sql_type = BigInt)]
    pub not_null: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub default: Option<String>,
    /// Its place in the primary key, from 1.
    #[diesel(sql_type = BigInt)]
    pub pk: i64,
    /// 2 for virtual, 3 for stored generated columns.
    #[diesel(sql_type = BigInt)]
    pub hidden: i64,
}

pub(super) fn columns(connection: &mut SqliteConnection) -> Result<Vec<Column>, DatabaseError> {
    let from = OWN_TABLES.replace("{more}", "JOIN pragma_table_xinfo(m.name) AS x");
    load(
        connection,
        &format!(
            "SELECT m.name AS \"table\", x.name, x.type AS sql_type, x.\"notnull\" AS not_null, \
             x.dflt_value AS \"default\", x.pk, x.hidden {from} AND x.hidden <> 1 ORDER BY m.name, x.cid"
        ),
    )
}

/// Indexes, those of constraints too.
#[derive(QueryableByName, Debug)]
pub(super) struct Index {
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub unique: i64,
    /// `c` for `CREATE INDEX`, `u` and `pk` for constraints.
    #[diesel(sql_type = Text)]
    pub origin: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub sql: Option<String>,
}

pub(super) fn indexes(connection: &mut SqliteConnection) -> Result<Vec<Index>, DatabaseError> {
    let from = OWN_TABLES.replace(
        "{more}",
        "JOIN pragma_index_list(m.name) AS x \
         LEFT JOIN sqlite_master i ON i.type = 'index' AND i.name = x.name",
    );
    load(
        connection,
        &format!(
            "SELECT m.name AS \"table\", x.name, x.\"unique\", x.origin, i.sql {from} ORDER BY m.name, x.seq"
        ),
    )
}

/// Parts of indexes in their order.
#[derive(QueryableByName, Debug)]
pub(super) struct IndexPart {
    #[diesel(sql_type = Text)]
    pub index: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub column: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub descending: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub collation: Option<String>,
}

pub(super) fn index_parts(
    connection: &mut SqliteConnection,
) -> Result<Vec<IndexPart>, DatabaseError> {
    let from = OWN_TABLES.replace(
        "{more}",
        "JOIN pragma_index_list(m.name) AS i JOIN pragma_index_xinfo(i.name) AS x",
    );
    load(
        connection,
        &format!(
            "SELECT i.name AS \"index\", x.name AS \"column\", x.\"desc\" AS descending, x.coll AS collation {from} \
             AND x.key = 1 ORDER BY i.name, x.seqno"
        ),
    )
}

/// Columns of foreign keys in their order.
#[derive(QueryableByName, Debug)]
pub(super) struct ForeignKeyPart {
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub target: String,
    #[diesel(sql_type = Text)]
    pub column: String,
    /// Absent where the other table's primary key is meant.
    #[diesel(sql_type = Nullable<Text>)]
    pub target_column: Option<String>,
    #[diesel(sql_type = Text)]
    pub on_update: String,
    #[diesel(sql_type = Text)]
    pub on_delete: String,
}

pub(super) fn foreign_keys(
    connection: &mut SqliteConnection,
) -> Result<Vec<ForeignKeyPart>, DatabaseError> {
    let from = OWN_TABLES.replace("{more}", "JOIN pragma_foreign_key_list(m.name) AS x");
    load(
        connection,
        &format!(
            "SELECT m.name AS \"table\", x.id, x.\"table\" AS target, x.\"from\" AS \"column\", \
             x.\"to\" AS target_column, x.on_update, x.on_delete {from} ORDER BY m.name, x.id, x.seq"
        ),
    )
}

/// Views and triggers.
#[derive(QueryableByName, Debug)]
pub(super) struct Object {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = Text)]
    pub sql: String,
}

pub(super) fn objects(connection: &mut SqliteConnection) -> Result<Vec<Object>, DatabaseError> {
    load(
        connection,
        "SELECT type AS kind, name, tbl_name AS \"table\", sql FROM sqlite_master \
         WHERE type IN ('view', 'trigger') ORDER BY name",
    )
}

/// A name alone.
#[derive(QueryableByName, Debug)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Returns the names of a view's columns; fails if the view's own tables are gone.
pub(super) fn view_columns(
    connection: &mut SqliteConnection,
    view: &str,
) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT name FROM pragma_table_xinfo(?) ORDER BY cid";
    let rows: Vec<NameRow> = sql_query(sql)
        .bind::<Text, _>(view)
        .load(connection)
        .map_err(|error| failed(sql, &error))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

fn load<Row>(connection: &mut SqliteConnection, sql: &str) -> Result<Vec<Row>, DatabaseError>
where
    Row: QueryableByName<diesel::sqlite::Sqlite> + 'static,
{
    sql_query(sql).load(connection).map_err(|error| failed(sql, &error))
}
