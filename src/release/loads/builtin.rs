//! The SQL types that Diesel brings along, each under one name.

/// A SQL type of Diesel's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    Bool,
    SmallInt,
    Integer,
    BigInt,
    Float,
    Double,
    Numeric,
    Text,
    Citext,
    CChar,
    Binary,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Interval,
    Uuid,
    Json,
    Jsonb,
    Oid,
    Money,
    Inet,
    Cidr,
    MacAddr,
    MacAddr8,
    PgLsn,
    Range(Element),
    Multirange(Element),
}

/// What a range is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Int4,
    Int8,
    Num,
    Date,
    Ts,
    Tstz,
}

impl Builtin {
    /// Reads the name of a type, by any of Diesel's names for it.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name: String = name.split_whitespace().collect();
        if let Some(inner) = inside(&name, "Range") {
            return Element::of(inner).map(Self::Range);
        }
        if let Some(inner) = inside(&name, "Multirange") {
            return Element::of(inner).map(Self::Multirange);
        }
        Some(match name.as_str() {
            "Bool" => Self::Bool,
            "SmallInt" | "Smallint" | "Int2" | "SmallSerial" => Self::SmallInt,
            "Integer" | "Int4" | "Serial" => Self::Integer,
            "BigInt" | "Bigint" | "Int8" | "BigSerial" => Self::BigInt,
            "Float" | "Float4" => Self::Float,
            "Double" | "Float8" => Self::Double,
            "Numeric" | "Decimal" => Self::Numeric,
            "Text" | "VarChar" | "Varchar" | "Char" | "Bpchar" | "Tinytext" | "Mediumtext"
            | "Longtext" => Self::Text,
            "Citext" => Self::Citext,
            "CChar" => Self::CChar,
            "Binary" | "Bytea" | "Blob" | "Tinyblob" | "Mediumblob" | "Longblob" | "Varbinary"
            | "Bit" => Self::Binary,
            "Date" => Self::Date,
            "Time" => Self::Time,
            "Timestamp" => Self::Timestamp,
            "Timestamptz" | "TimestamptzSqlite" => Self::Timestamptz,
            "Interval" => Self::Interval,
            "Uuid" => Self::Uuid,
            "Json" => Self::Json,
            "Jsonb" => Self::Jsonb,
            "Oid" => Self::Oid,
            "Money" => Self::Money,
            "Inet" => Self::Inet,
            "Cidr" => Self::Cidr,
            "MacAddr" | "Macaddr" => Self::MacAddr,
            "MacAddr8" | "Macaddr8" => Self::MacAddr8,
            "PgLsn" => Self::PgLsn,
            "Int4range" => Self::Range(Element::Int4),
            "Int8range" => Self::Range(Element::Int8),
            "Numrange" => Self::Range(Element::Num),
            "Daterange" => Self::Range(Element::Date),
            "Tsrange" => Self::Range(Element::Ts),
            "Tstzrange" => Self::Range(Element::Tstz),
            "Int4multirange" => Self::Multirange(Element::Int4),
            "Int8multirange" => Self::Multirange(Element::Int8),
            "Nummultirange" => Self::Multirange(Element::Num),
            "Datemultirange" => Self::Multirange(Element::Date),
            "Tsmultirange" => Self::Multirange(Element::Ts),
            "Tstzmultirange" => Self::Multirange(Element::Tstz),
            _ => return None,
        })
    }
}

impl Element {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Integer" | "Int4" => Self::Int4,
            "BigInt" | "Bigint" | "Int8" => Self::Int8,
            "Numeric" | "Decimal" => Self::Num,
            "Date" => Self::Date,
            "Timestamp" => Self::Ts,
            "Timestamptz" => Self::Tstz,
            _ => return None,
        })
    }
}

/// Returns what stands between the angle brackets after this word.
fn inside<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    name.strip_prefix(word)?.strip_prefix('<')?.strip_suffix('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_every_name_that_diesel_has_for_it() {
        assert_eq!(Builtin::named("Int4"), Builtin::named("Integer"));
        assert_eq!(Builtin::named("Range< Int8 >"), Builtin::named("Int8range"));
        assert_eq!(Builtin::named("Multirange<Decimal>"), Builtin::named("Nummultirange"));
        assert_eq!(Builtin::named("Range<Text>"), None);
        assert_eq!(Builtin::named("Mood"), None);
    }
}
