//! Diesel's types with a Rust type behind each: reading and writing through it.

use std::ops::Bound;

use bigdecimal::BigDecimal;
use diesel::connection::SimpleConnection as _;
use diesel::data_types::PgLsn as Lsn;
use diesel::data_types::{PgDate, PgInterval, PgMoney, PgTime, PgTimestamp};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::QueryId;
use diesel::query_dsl::LoadQuery;
use diesel::serialize::ToSql;
use diesel::sql_types::*;

use crate::loads::Tried;

/// One of Diesel's types with what can be done with it.
pub struct Probe {
    /// Its name in `table!`.
    pub declared: &'static str,
    /// Reads `v` of the row and gives it back to the server, to be written as it writes values of the declared type.
    pub read: fn(&mut PgConnection, id: i32) -> Result<String, String>,
    /// Writes each value into an empty table and looks what became of it.
    pub write: fn(&mut PgConnection, compared: bool) -> Vec<Tried>,
}

macro_rules! probe {
    ($name:literal, $sql:ty, $rust:ty, [$($value:expr),+ $(,)?]) => {
        Probe {
            declared: $name,
            read: |connection, id| {
                let row = format!("(SELECT v FROM tried WHERE id = {id})");
                let value: $rust = diesel::select(sql::<$sql>(&row))
                    .get_result(connection)
                    .map_err(|error| error.to_string())?;
                told::<$sql, $rust>(connection, value)
            },
            write: |connection, compared| {
                let values: Vec<$rust> = vec![$($value),+];
                values
                    .into_iter()
                    .map(|value| write::<$sql, $rust>(connection, value, compared))
                    .collect()
            },
        }
    };
}

/// One text that the server answers.
#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
}

/// A value as the server writes it.
fn told<S, R>(connection: &mut PgConnection, value: R) -> Result<String, String>
where
    R: ToSql<S, Pg>,
    Pg: HasSqlType<S>,
    S: QueryId + 'static,
{
    ask(connection, diesel::sql_query("SELECT format('%s', $1) AS answer").bind::<S, R>(value))
}

/// Runs a query for one text.
fn ask<'q, Q>(connection: &mut PgConnection, query: Q) -> Result<String, String>
where
    Q: LoadQuery<'q, PgConnection, Answer>,
{
    let answer = query.get_result(connection).map_err(|error| error.to_string())?;
    answer.answer.ok_or_else(|| "NULL".to_owned())
}

/// Writes a value as one of the declared type and looks whether it is there and is found.
fn write<S, R>(connection: &mut PgConnection, value: R, compared: bool) -> Tried
where
    R: ToSql<S, Pg> + Clone,
    Pg: HasSqlType<S>,
    S: QueryId + 'static,
{
    let given = told::<S, R>(connection, value.clone())?;
    connection.batch_execute("TRUNCATE written").unwrap();
    diesel::sql_query("INSERT INTO written VALUES ($1)")
        .bind::<S, R>(value.clone())
        .execute(connection)
        .map_err(|error| format!("`{given}` is not written: {error}"))?;
    let kept = diesel::sql_query("SELECT format('%s', v) AS answer FROM written");
    let kept = ask(connection, kept)?;
    if plain(&kept) != plain(&given) && !is_widened(&given, &kept) {
        return Err(format!("`{given}` became `{kept}`"));
    }
    if compared {
        let found = "SELECT count(*)::text AS answer FROM written WHERE v = $1";
        let found = ask(connection, diesel::sql_query(found).bind::<S, R>(value))?;
        if found != "1" {
            return Err(format!("`{given}` is not found"));
        }
    }
    Ok(())
}

/// Whether a `real` is kept with more digits as the very number that it is.
fn is_widened(given: &str, kept: &str) -> bool {
    let is_whole = !given.contains(['.', 'e']);
    !is_whole && given.parse::<f32>().is_ok_and(|given| kept.parse() == Ok(f64::from(given)))
}

/// A value without what is only how its type is written: UTC, midnight, the blanks of `char(n)`, zeros at the end.
pub fn plain(text: &str) -> String {
    let text = text.trim_end_matches(' ').replace("+00", "");
    let text = text.trim_end_matches(" 00:00:00");
    let number = text.parse::<f64>().is_ok() && text.contains('.') && !text.contains('e');
    let text = if number { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    text.to_owned()
}

/// Every one of Diesel's types for PostgreSQL, with typical and extreme values.
pub fn probes() -> Vec<Probe> {
    let mut probes = scalars();
    probes.extend(others());
    probes
}

fn scalars() -> Vec<Probe> {
    vec![
        probe!("Bool", Bool, bool, [true, false]),
        probe!("SmallInt", SmallInt, i16, [7, i16::MIN, i16::MAX]),
        probe!("Integer", Integer, i32, [42, i32::MIN, i32::MAX]),
        probe!("BigInt", BigInt, i64, [42, i64::MIN, i64::MAX]),
        probe!("Oid", Oid, u32, [16384, u32::MAX]),
        probe!("Float", Float, f32, [1.5, 0.1, -3.4e38]),
        probe!("Double", Double, f64, [1.5, 0.1, 1e300, 0.1 + 0.2]),
        probe!(
            "Numeric",
            Numeric,
            BigDecimal,
            [decimal("0.1"), decimal("123456789012345678901.5")]
        ),
        probe!("Money", Money, PgMoney, [PgMoney(1234), PgMoney(i64::MAX)]),
        probe!("Text", Text, String, ["a".to_owned(), "grün".to_owned(), "12".to_owned()]),
        probe!("Citext", Citext, String, ["Grün".to_owned(), "a".to_owned()]),
        probe!("CChar", CChar, u8, [b'a']),
        probe!("Binary", Binary, Vec<u8>, [vec![0, 255], vec![]]),
        probe!("Date", Date, PgDate, [PgDate(0), PgDate(9501)]),
        probe!("Time", Time, PgTime, [PgTime(0), PgTime(37_230_500_000)]),
        probe!("Timestamp", Timestamp, PgTimestamp, [PgTimestamp(0), PgTimestamp(MOMENT)]),
        probe!("Timestamptz", Timestamptz, PgTimestamp, [PgTimestamp(0), PgTimestamp(MOMENT)]),
        probe!("Interval", Interval, PgInterval, [PgInterval::new(1, 2, 3)]),
    ]
}

/// Some moment of 2026 that is not midnight.
const MOMENT: i64 = 820_837_230_500_000;

fn others() -> Vec<Probe> {
    vec![
        probe!("Uuid", Uuid, uuid::Uuid, [uuid::Uuid::from_u128(7)]),
        probe!("Json", Json, serde_json::Value, [serde_json::Value::Null]),
        probe!("Jsonb", Jsonb, serde_json::Value, [serde_json::Value::Null]),
        probe!("Inet", Inet, ipnet::IpNet, ["10.0.0.1/8".parse().unwrap()]),
        probe!("Cidr", Cidr, ipnet::IpNet, ["10.0.0.0/8".parse().unwrap()]),
        probe!("MacAddr", MacAddr, [u8; 6], [[8, 0, 43, 1, 2, 3]]),
        probe!("MacAddr8", MacAddr8, [u8; 8], [[8, 0, 43, 1, 2, 3, 4, 5]]),
        probe!("PgLsn", PgLsn, Lsn, [Lsn(1), Lsn(u64::MAX)]),
        probe!("Int4range", Int4range, Ends<i32>, [(Bound::Included(1), Bound::Excluded(5))]),
        probe!("Int8range", Int8range, Ends<i64>, [(Bound::Included(1), Bound::Excluded(5))]),
        probe!("Numrange", Numrange, Ends<BigDecimal>, [(Bound::Unbounded, Bound::Unbounded)]),
        probe!("Tsrange", Tsrange, Ends<Moment>, [(Bound::Included(moment()), Bound::Unbounded)]),
        probe!("Tstzrange", Tstzrange, Ends<Utc>, [(Bound::Included(utc()), Bound::Unbounded)]),
        probe!("Int4multirange", Int4multirange, Vec<Ends<i32>>, [vec![]]),
        probe!("Tstzmultirange", Tstzmultirange, Vec<Ends<Utc>>, [vec![]]),
        probe!("Array<Integer>", Array<Integer>, Vec<i32>, [vec![1, i32::MAX], vec![]]),
        probe!("Array<BigInt>", Array<BigInt>, Vec<i64>, [vec![1, i64::MAX]]),
        probe!("Array<Text>", Array<Text>, Vec<String>, [vec!["ab".to_owned()]]),
        probe!("Array<Timestamp>", Array<Timestamp>, Vec<PgTimestamp>, [vec![PgTimestamp(0)]]),
    ]
}

type Ends<T> = (Bound<T>, Bound<T>);
type Moment = chrono::NaiveDateTime;
type Utc = chrono::DateTime<chrono::Utc>;

fn moment() -> Moment {
    utc().naive_utc()
}

fn utc() -> Utc {
    chrono::DateTime::from_timestamp(1_767_600_000, 0).unwrap()
}

fn decimal(text: &str) -> BigDecimal {
    text.parse().unwrap()
}
