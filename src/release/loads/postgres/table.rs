//! The table itself: short names of PostgreSQL's types for each of Diesel's.

use crate::release::loads::Fit;
use crate::release::loads::builtin::{Builtin, Element};

/// What reads and takes the values of one of Diesel's types.
struct Row {
    /// The types that load into it.
    reads: &'static [&'static str],
    /// The types that it is made for.
    natural: &'static [&'static str],
    /// Other types that take each value as it is and compare with it.
    converted: &'static [&'static str],
    /// Other types that take some values, or change them.
    lossy: &'static [&'static str],
}

/// The types whose bytes are their text.
const TEXTS: &[&str] =
    &["text", "varchar", "bpchar", "char", "name", "citext", "json", "xml", "refcursor"];

/// The types of the server that are numbers of objects.
const OIDS: &[&str] = &[
    "oid",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "xid",
    "cid",
];

/// The types of the server for which Diesel has nothing.
const NAMELESS: &[&str] = &[
    "bit",
    "varbit",
    "box",
    "circle",
    "line",
    "lseg",
    "path",
    "point",
    "polygon",
    "timetz",
    "tid",
    "tsquery",
    "tsvector",
    "jsonpath",
    "pg_snapshot",
    "txid_snapshot",
    "xid8",
];

/// Whether the table knows a type.
pub(super) fn is_known(column: &str) -> bool {
    let more = [
        "bool",
        "int2",
        "int4",
        "int8",
        "float4",
        "float8",
        "numeric",
        "bytea",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "interval",
        "uuid",
        "jsonb",
        "money",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "pg_lsn",
        "int4range",
        "int8range",
        "numrange",
        "daterange",
        "tsrange",
        "tstzrange",
        "int4multirange",
        "int8multirange",
        "nummultirange",
        "datemultirange",
        "tsmultirange",
        "tstzmultirange",
    ];
    more.contains(&column) || [TEXTS, OIDS, NAMELESS].iter().any(|list| list.contains(&column))
}

/// Whether the labels of an enum load: they are sent as text.
pub(super) fn reads_labels(declared: Builtin) -> bool {
    reads(declared, "text")
}

/// Whether a column of a known type loads.
pub(super) fn reads(declared: Builtin, column: &str) -> bool {
    row(declared).reads.contains(&column)
}

/// How values fit into a column of a known type.
pub(super) fn fit(declared: Builtin, column: &str) -> Fit {
    let row = row(declared);
    if row.natural.contains(&column) {
        Fit::Natural
    } else if row.lossy.contains(&column) {
        Fit::Lossy
    } else if row.converted.contains(&column) {
        Fit::Converted
    } else {
        Fit::Refused
    }
}

/// A type that is only itself.
const fn only(names: &'static [&'static str]) -> Row {
    Row { reads: names, natural: names, converted: &[], lossy: &[] }
}

#[rustfmt::skip]
const fn row(declared: Builtin) -> Row {
    match declared {
        Builtin::Bool => only(&["bool"]),
        Builtin::SmallInt => Row {
            converted: &["int4", "int8", "float4", "float8", "numeric"],
            ..only(&["int2"])
        },
        Builtin::Integer => Row {
            converted: &["int8", "float8", "numeric"],
            lossy: &["int2", "float4", "oid"],
            ..only(&["int4"])
        },
        Builtin::BigInt => Row {
            converted: &["numeric"],
            lossy: &["int2", "int4", "float4", "float8", "oid"],
            ..only(&["int8"])
        },
        Builtin::Float => Row {
            converted: &["float8"],
            lossy: &["int2", "int4", "int8", "numeric"],
            ..only(&["float4"])
        },
        Builtin::Double => Row {
            lossy: &["int2", "int4", "int8", "float4", "numeric"],
            ..only(&["float8"])
        },
        Builtin::Numeric => Row {
            lossy: &["int2", "int4", "int8", "float4", "float8"],
            ..only(&["numeric"])
        },
        Builtin::Text => Row {
            reads: TEXTS,
            natural: &["text", "varchar", "bpchar", "char", "name"],
            converted: &["citext"],
            lossy: &[],
        },
        Builtin::Citext => Row {
            reads: TEXTS,
            natural: &["citext"],
            converted: &["text", "varchar", "bpchar", "name"],
            lossy: &[],
        },
        Builtin::CChar => Row {
            converted: &["text", "varchar", "bpchar", "name", "citext"],
            ..only(&["char"])
        },
        Builtin::Binary => Row {
            reads: &[
                "bytea", "text", "varchar", "bpchar", "char", "name", "citext", "json", "xml", "uuid",
                "macaddr", "macaddr8", "bit", "varbit", "box", "circle", "line", "lseg", "path", "point",
                "polygon", "timetz", "tid", "tsquery", "tsvector", "jsonpath", "pg_snapshot",
                "txid_snapshot", "xid8",
            ],
            ..only(&["bytea"])
        },
        Builtin::Date => Row { converted: &["timestamp", "timestamptz"], ..only(&["date"]) },
        Builtin::Time => Row { converted: &["timetz", "interval"], ..only(&["time"]) },
        Builtin::Timestamp => Row {
            reads: &["timestamp", "timestamptz"],
            natural: &["timestamp"],
            converted: &["timestamptz"],
            lossy: &["date", "time"],
        },
        Builtin::Timestamptz => Row {
            reads: &["timestamp", "timestamptz"],
            natural: &["timestamptz"],
            converted: &["timestamp"],
            lossy: &["date", "time", "timetz"],
        },
        Builtin::Interval => Row { lossy: &["time"], ..only(&["interval"]) },
        Builtin::Uuid => only(&["uuid"]),
        Builtin::Json => only(&["json"]),
        Builtin::Jsonb => Row { converted: &["json"], ..only(&["jsonb"]) },
        Builtin::Oid => Row {
            reads: OIDS,
            converted: &["int8", "regclass", "regproc", "regtype"],
            lossy: &["int4"],
            ..only(&["oid"])
        },
        Builtin::Money => Row { lossy: &["numeric"], ..only(&["money"]) },
        Builtin::Inet => Row { lossy: &["cidr"], ..only(&["inet"]) },
        Builtin::Cidr => Row { converted: &["inet"], ..only(&["cidr"]) },
        Builtin::MacAddr => Row { lossy: &["macaddr8"], ..only(&["macaddr"]) },
        Builtin::MacAddr8 => Row { lossy: &["macaddr"], ..only(&["macaddr8"]) },
        Builtin::PgLsn => only(&["pg_lsn"]),
        Builtin::Range(element) => range(element),
        Builtin::Multirange(element) => multirange(element),
    }
}

#[rustfmt::skip]
const fn range(of: Element) -> Row {
    match of {
        Element::Int4 => only(&["int4range"]),
        Element::Int8 => only(&["int8range"]),
        Element::Num => only(&["numrange"]),
        Element::Date => only(&["daterange"]),
        Element::Ts => Row { reads: &["tsrange", "tstzrange"], ..only(&["tsrange"]) },
        Element::Tstz => Row { reads: &["tsrange", "tstzrange"], ..only(&["tstzrange"]) },
    }
}

#[rustfmt::skip]
const fn multirange(of: Element) -> Row {
    match of {
        Element::Int4 => only(&["int4multirange"]),
        Element::Int8 => only(&["int8multirange"]),
        Element::Num => only(&["nummultirange"]),
        Element::Date => only(&["datemultirange"]),
        Element::Ts => Row { reads: &["tsmultirange", "tstzmultirange"], ..only(&["tsmultirange"]) },
        Element::Tstz => Row { reads: &["tsmultirange", "tstzmultirange"], ..only(&["tstzmultirange"]) },
    }
}
