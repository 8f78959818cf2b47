//! SQLite: every one of Diesel's types against every type of column that has a meaning.
//!
//! SQLite keeps dates and JSON as texts and truth values as numbers, so what a `TEXT` column holds depends on the release: for such pairs
//! the values to read are those that belong to the declared type.

use bigdecimal::BigDecimal;
use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::query_builder::QueryId;
use diesel::query_dsl::LoadQuery;
use diesel::serialize::ToSql;
use diesel::sql_types::*;
use diesel::sqlite::Sqlite;
use planner::catalog::Catalog;
use planner::dialect::Dialect;
use planner::dialects::normalize_type;
use planner::release::loads::{loads, stores};

use super::{Tried, declared, judge, settle};

/// A type of column.
struct Column {
    sql: &'static str,
    /// What Diesel declares for it.
    natural: &'static str,
    /// The literals of its values.
    values: &'static [&'static str],
    /// The storage classes that belong there.
    classes: &'static [&'static str],
}

const fn column(
    sql: &'static str,
    natural: &'static str,
    values: &'static [&'static str],
    classes: &'static [&'static str],
) -> Column {
    Column { sql, natural, values, classes }
}

#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    column("BOOLEAN", "Bool", &["0", "1"], &["integer"]),
    column("TINYINT", "Bool", &["0", "1", "7"], &["integer"]),
    column("SMALLINT", "SmallInt", &["7", "-32768", "32767"], &["integer"]),
    column("INTEGER", "Integer", &["42", "-2147483648", "2147483647"], &["integer"]),
    column("BIGINT", "BigInt", &["42", "4294967296", "9223372036854775807"], &["integer"]),
    column("UNSIGNED BIG INT", "BigInt", &["4294967296", "9007199254740993"], &["integer"]),
    column("REAL", "Float", &["1.5", "0.10000000149011612", "3.4028234663852886e+38"], &["real"]),
    column("FLOAT", "Float", &["1.5", "0.10000000149011612", "3.4028234663852886e+38"], &["real"]),
    column("DOUBLE", "Double", &["0.1", "1e300", "0.30000000000000004"], &["real"]),
    column("NUMERIC", "Double", &["42", "0.30000000000000004", "1e300"], &["integer", "real"]),
    column("DECIMAL(10,2)", "Double", &["42", "0.30000000000000004", "1e300"], &["integer", "real"]),
    column("TEXT", "Text", &["'grün'", "''", "'007'"], &["text"]),
    column("VARCHAR(20)", "Text", &["'grün'", "'12a'"], &["text"]),
    column("BLOB", "Binary", &["x'00ff'", "x''"], &["blob"]),
    column("VARBINARY(16)", "Binary", &["x'00ff'"], &["blob"]),
    column("TIMESTAMP", "Timestamp", &["'2026-01-05 10:20:30'", "'1900-01-01 00:00:01.500'"], &["text"]),
    column("DATETIME", "Timestamp", &["'2026-01-05 10:20:30'"], &["text"]),
    column("DATE", "Date", &["'2026-01-05'"], &["text"]),
    column("TIME", "Time", &["'10:20:30'"], &["text"]),
];

/// One of Diesel's types with what can be done with it.
struct Probe {
    declared: &'static str,
    /// The storage classes that it writes.
    classes: &'static [&'static str],
    /// Reads `v` and gives it back, to be written as SQLite writes values of the declared type.
    read: fn(&mut SqliteConnection) -> Result<String, String>,
    /// Writes each value alone, calling back to look at it.
    write: fn(&mut SqliteConnection, look: &mut Look<'_>) -> Vec<Tried>,
}

/// Looks at a value that was just written, of which SQLite says this.
type Look<'a> = dyn FnMut(&mut SqliteConnection, &str) -> Tried + 'a;

macro_rules! probe {
    ($name:literal, $sql:ty, $rust:ty, $classes:expr, [$($value:expr),+ $(,)?]) => {
        Probe {
            declared: $name,
            classes: $classes,
            read: |connection| {
                let value: $rust = diesel::select(sql::<$sql>("(SELECT v FROM tried)"))
                    .get_result(connection)
                    .map_err(|error| error.to_string())?;
                Ok(told::<$sql, $rust>(connection, value))
            },
            write: |connection, look| {
                let values: Vec<$rust> = vec![$($value),+];
                values
                    .into_iter()
                    .map(|value| {
                        let given = put::<$sql, $rust>(connection, value)?;
                        look(connection, &given)
                    })
                    .collect()
            },
        }
    };
}

/// One text that SQLite answers.
#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

fn ask<'q, Q>(connection: &mut SqliteConnection, query: Q) -> String
where
    Q: LoadQuery<'q, SqliteConnection, Answer>,
{
    query.get_result(connection).unwrap().answer
}

/// A value as SQLite writes it.
fn told<S, R>(connection: &mut SqliteConnection, value: R) -> String
where
    R: ToSql<S, Sqlite>,
    Sqlite: HasSqlType<S>,
    S: QueryId + 'static,
{
    ask(connection, diesel::sql_query("SELECT quote($1) AS answer").bind::<S, R>(value))
}

/// Writes a value as one of the declared type and finds it again.
fn put<S, R>(connection: &mut SqliteConnection, value: R) -> Result<String, String>
where
    R: ToSql<S, Sqlite> + Clone,
    Sqlite: HasSqlType<S>,
    S: QueryId + 'static,
{
    let given = told::<S, R>(connection, value.clone());
    connection.batch_execute("DELETE FROM tried").unwrap();
    diesel::sql_query("INSERT INTO tried VALUES ($1)")
        .bind::<S, R>(value.clone())
        .execute(connection)
        .map_err(|error| format!("{given} is not written: {error}"))?;
    let found = "SELECT CAST(count(*) AS TEXT) AS answer FROM tried WHERE v = $1";
    let found = ask(connection, diesel::sql_query(found).bind::<S, R>(value));
    if found == "1" { Ok(given) } else { Err(format!("{given} is not found")) }
}

/// A value without what is only how its type is written.
fn plain(text: &str) -> String {
    text.trim_matches('\'').trim_end_matches("+00:00").trim_end_matches(".0").to_owned()
}

const INTEGER: &[&str] = &["integer"];
const NUMBER: &[&str] = &["integer", "real"];
const TEXT: &[&str] = &["text"];
const BLOB: &[&str] = &["blob"];

fn moment() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(1_767_600_000, 500_000_000).unwrap()
}

fn json() -> serde_json::Value {
    serde_json::json!({ "a": 1 })
}

fn probes() -> Vec<Probe> {
    vec![
        probe!("Bool", Bool, bool, INTEGER, [true, false]),
        probe!("SmallInt", SmallInt, i16, INTEGER, [7, i16::MIN, i16::MAX]),
        probe!("Integer", Integer, i32, INTEGER, [42, i32::MIN, i32::MAX]),
        probe!("BigInt", BigInt, i64, INTEGER, [42, i64::MIN, i64::MAX]),
        probe!("Float", Float, f32, NUMBER, [1.5, 0.1, 16_777_216.0]),
        probe!("Double", Double, f64, NUMBER, [1.5, 0.1 + 0.2, 1e300, 7.0]),
        probe!("Numeric", Numeric, BigDecimal, NUMBER, ["0.1".parse().unwrap()]),
        probe!("Text", Text, String, TEXT, ["grün".to_owned(), "2026-01-05".to_owned()]),
        probe!("Binary", Binary, Vec<u8>, BLOB, [vec![0, 255], vec![]]),
        probe!("Date", Date, chrono::NaiveDate, TEXT, [moment().date_naive()]),
        probe!("Time", Time, chrono::NaiveTime, TEXT, [moment().time()]),
        probe!("Timestamp", Timestamp, chrono::NaiveDateTime, TEXT, [moment().naive_utc()]),
        probe!(
            "TimestamptzSqlite",
            TimestamptzSqlite,
            chrono::DateTime<chrono::Utc>,
            TEXT,
            [moment()]
        ),
        probe!("Json", Json, serde_json::Value, TEXT, [json()]),
        probe!("Jsonb", Jsonb, serde_json::Value, BLOB, [json()]),
    ]
}

/// The values that a column holds when such a release uses it.
fn values(declared: &str, column: &Column) -> &'static [&'static str] {
    match (declared, column.natural) {
        ("Json", "Text") => &["'{\"a\":1}'", "'null'"],
        ("Jsonb", "Binary") => &["jsonb('{\"a\":1}')", "jsonb('null')"],
        // How many digits of a number are read depends on a feature of serde_json; infinity is no JSON with any.
        ("Json", "Float") => &["1.5", "9e999"],
        ("Date", "Text") => &["'2026-01-05'"],
        ("Time", "Text") => &["'10:20:30'"],
        ("Timestamp" | "TimestamptzSqlite", "Text") => &["'2026-01-05 10:20:30'"],
        ("Timestamp" | "TimestamptzSqlite", "Float" | "Double") if column.classes == ["real"] => {
            &["2461046.0", "2461046.25"]
        }
        _ => column.values,
    }
}

/// The value that should arrive, as SQL over `v`.
fn expected(declared: &str) -> &'static str {
    match declared {
        // Any number but 0 is true.
        "Bool" => "CASE typeof(v) WHEN 'integer' THEN quote(v <> 0) ELSE quote(v) END",
        "Binary" => "CASE typeof(v) WHEN 'text' THEN quote(CAST(v AS BLOB)) ELSE quote(v) END",
        // Diesel takes a floating point number for a Julian day.
        "Timestamp" | "TimestamptzSqlite" => {
            "CASE typeof(v) WHEN 'real' THEN quote(datetime(v)) ELSE quote(v) END"
        }
        _ => "quote(v)",
    }
}

#[test]
fn what_the_table_says_of_sqlite_is_what_diesel_and_sqlite_do() {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    let catalog = Catalog::empty(Dialect::Sqlite);
    let probes = probes();
    let mut wrong = Vec::new();
    for column in COLUMNS {
        let table = format!("DROP TABLE IF EXISTS tried; CREATE TABLE tried (v {})", column.sql);
        connection.batch_execute(&table).unwrap();
        let sql_type = normalize_type(Dialect::Sqlite, column.sql);
        let natural = probes.iter().find(|probe| probe.declared == column.natural).unwrap();
        for probe in &probes {
            let pair = format!("{} from {}", probe.declared, column.sql);
            let verdict = loads(&catalog, &declared(probe.declared), &sql_type);
            let tried = values(probe.declared, column);
            let tried: Vec<Tried> =
                tried.iter().map(|value| read(&mut connection, probe, value)).collect();
            judge(&pair, &verdict, &tried, &mut wrong);

            let pair = format!("{} into {}", probe.declared, column.sql);
            let verdict = stores(&catalog, &declared(probe.declared), &sql_type);
            // A value that does not belong there is one that nobody else can read.
            let others = verdict.is_err().then_some(natural);
            let tried = (probe.write)(&mut connection, &mut |connection, given| {
                look(connection, given, probe, column, others)
            });
            judge(&pair, &verdict, &tried, &mut wrong);
        }
    }
    settle(&wrong);
}

/// Reads one value and compares what arrives with what is there.
fn read(connection: &mut SqliteConnection, probe: &Probe, value: &str) -> Tried {
    let insert = format!("DELETE FROM tried; INSERT INTO tried VALUES ({value})");
    connection.batch_execute(&insert).unwrap();
    let there = format!("SELECT {} AS answer FROM tried", expected(probe.declared));
    let there = ask(connection, diesel::sql_query(there));
    same(&there, &(probe.read)(connection)?)
}

/// Looks whether a value that was written is what was given, of the right class, for this release and for others.
fn look(
    connection: &mut SqliteConnection,
    given: &str,
    probe: &Probe,
    column: &Column,
    others: Option<&Probe>,
) -> Tried {
    let class = diesel::sql_query("SELECT typeof(v) AS answer FROM tried");
    let class = ask(connection, class);
    if !column.classes.contains(&class.as_str()) || !probe.classes.contains(&class.as_str()) {
        return Err(format!("{given} is stored as {class}"));
    }
    same(given, &(probe.read)(connection)?)?;
    others.map_or(Ok(()), |others| same(given, &(others.read)(connection)?))
}

fn same(there: &str, arrived: &str) -> Tried {
    let same = plain(there) == plain(arrived);
    if same { Ok(()) } else { Err(format!("{there} arrived as {arrived}")) }
}
