//! Rows of any query as texts.

use diesel::RunQueryDsl as _;
use diesel::connection::{LoadConnection, SimpleConnection};
use diesel::deserialize::FromSql;
use diesel::row::{Field, Row};
use diesel::sql_types::Text;

use super::DatabaseError;
use super::any::AnyConnection;

/// Rows of texts; `None` is NULL.
pub(crate) type Rows = Vec<Vec<Option<String>>>;

/// Returns a query's rows as texts.
pub(crate) fn rows(connection: &mut AnyConnection, sql: &str) -> Result<Rows, DatabaseError> {
    match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => postgres(connection, sql),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(connection) => sqlite(connection, sql),
    }
}

/// Returns whether a query returned a row.
pub(crate) fn any_row(connection: &mut AnyConnection, sql: &str) -> Result<bool, DatabaseError> {
    Ok(!rows(connection, sql)?.is_empty())
}

/// Executes statements.
pub(crate) fn execute(connection: &mut AnyConnection, sql: &str) -> Result<(), DatabaseError> {
    connection.batch_execute(sql).map_err(|error| DatabaseError::statement(&error, sql))
}

/// Executes one statement and returns how many rows it wrote.
pub(crate) fn counting(connection: &mut AnyConnection, sql: &str) -> Result<u64, DatabaseError> {
    let n_rows = diesel::sql_query(sql).execute(connection);
    n_rows.map(|n_rows| n_rows as u64).map_err(|error| DatabaseError::statement(&error, sql))
}

/// Returns a query's rows from PostgreSQL, which sends values in their binary form: booleans, whole numbers and texts
/// are understood, anything else must be cast to text by the query.
#[cfg(feature = "postgres")]
pub(crate) fn postgres(
    connection: &mut diesel::PgConnection,
    sql: &str,
) -> Result<Rows, DatabaseError> {
    load::<diesel::PgConnection>(connection, sql, |value| {
        let oid = value.get_oid().get();
        let bytes = value.as_bytes();
        let number = match (oid, bytes) {
            (16, [byte]) => return Ok(if *byte == 0 { "f" } else { "t" }.to_owned()),
            (21, [a, b]) => i64::from(i16::from_be_bytes([*a, *b])),
            (23, [a, b, c, d]) => i64::from(i32::from_be_bytes([*a, *b, *c, *d])),
            (20, bytes) => {
                i64::from_be_bytes(bytes.try_into().map_err(|_| "a bigint has eight bytes")?)
            }
            // text, varchar, bpchar, name, "char", unknown
            (25 | 1043 | 1042 | 19 | 18 | 705, _) => {
                return <String as FromSql<Text, diesel::pg::Pg>>::from_sql(value)
                    .map_err(|error| error.to_string());
            }
            _ => return Err("a column is neither text, a whole number nor a boolean".to_owned()),
        };
        Ok(number.to_string())
    })
}

/// The same for SQLite, which turns any value into text.
#[cfg(feature = "sqlite")]
pub(crate) fn sqlite(
    connection: &mut diesel::SqliteConnection,
    sql: &str,
) -> Result<Rows, DatabaseError> {
    load::<diesel::SqliteConnection>(connection, sql, |value| {
        <String as FromSql<Text, diesel::sqlite::Sqlite>>::from_sql(value)
            .map_err(|error| error.to_string())
    })
}

type RawValue<'a, C> =
    <<C as diesel::Connection>::Backend as diesel::backend::Backend>::RawValue<'a>;

fn load<C>(
    connection: &mut C,
    sql: &str,
    text: impl Fn(RawValue<'_, C>) -> Result<String, String>,
) -> Result<Rows, DatabaseError>
where
    C: LoadConnection,
    C::Backend: diesel::expression::QueryMetadata<diesel::sql_types::Untyped>,
    diesel::query_builder::SqlQuery: diesel::query_builder::QueryFragment<C::Backend>,
{
    let failed = |error: diesel::result::Error| DatabaseError::statement(&error, sql);
    let mut rows = Vec::new();
    for row in connection.load(diesel::sql_query(sql)).map_err(failed)? {
        let row = row.map_err(failed)?;
        let mut texts = Vec::with_capacity(row.field_count());
        for at in 0..row.field_count() {
            let field = row.get(at);
            let value = field.as_ref().and_then(Field::value);
            let value = value.map(&text).transpose();
            texts.push(value.map_err(|reason| DatabaseError::unexpected(reason, sql))?);
        }
        rows.push(texts);
    }
    Ok(rows)
}
