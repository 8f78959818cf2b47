//! Hard schemas of PostgreSQL.

use planner::dialect::Dialect;

use super::is_diesels_own;

/// With and without docs, and the other schema.
const TEXTS: [&str; 5] = [
    "",
    "[print_schema]\nwith_docs = true",
    "[print_schema]\nwith_docs = \"only-database-comments\"\ncolumn_sorting = \"name\"",
    "[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\"",
    "[print_schema]\nschema = \"Other Schema\"\nwith_docs = true",
];

#[test]
fn odd_names_are_printed_as_diesel_prints_them() {
    is_diesels_own(
        Dialect::Postgres,
        r#"
        CREATE SCHEMA "Other Schema";
        CREATE TABLE "select" (id int PRIMARY KEY, "Id" int, "ID" int, "self" int, "Self" int, "crate" int, "async" int, "gen" int, "union" int);
        CREATE TABLE "columns" (id int PRIMARY KEY, "columns" int, "table" int, is_nullable int, star int, dsl int, "all_columns" int);
        CREATE TABLE "self" ("self" int PRIMARY KEY, "Self" int REFERENCES "self");
        CREATE TABLE users (id int PRIMARY KEY, users int, "_" int, "__" int, "__x" int, "é" int, "a-b" int, "a  b" int, "1" int, "a""b" int, "a#""b" int);
        CREATE TABLE "Users" (id int PRIMARY KEY, user_id int REFERENCES users);
        CREATE TABLE "USERS" (id int PRIMARY KEY, user_id int REFERENCES "Users");
        CREATE TABLE "a.b" (id int PRIMARY KEY, "c.d" int REFERENCES users);
        CREATE TABLE "quo""ted" (id int PRIMARY KEY, "x""y" int REFERENCES "a.b");
        CREATE TABLE "таблица" ("ключ" int PRIMARY KEY, "type" int REFERENCES "quo""ted");
        CREATE TABLE "type" ("type" int PRIMARY KEY, "fn" int REFERENCES "таблица");
        CREATE TABLE "123" ("1a" int, "2b" int, PRIMARY KEY ("2b", "1a"));
        CREATE TABLE "with space" (id int PRIMARY KEY, "type" int REFERENCES "type" ("type"));
        CREATE TABLE "Other Schema"."with space" (id int PRIMARY KEY, "my col" int, "plain" int);
        CREATE TABLE "Other Schema".plain (id int PRIMARY KEY, "of it" int REFERENCES "Other Schema"."with space");
        CREATE TABLE "Other Schema"."dot.ted" (id int PRIMARY KEY, plain int REFERENCES users);
        COMMENT ON TABLE "a.b" IS 'dots';
        COMMENT ON COLUMN "a.b"."c.d" IS E'two\n\n\tlines `and` "quotes" */ //';
        COMMENT ON TABLE "Other Schema"."with space" IS '';
        COMMENT ON COLUMN "Other Schema"."with space"."my col" IS '   ';
        "#,
        &TEXTS,
    );
}

#[test]
fn odd_types_are_printed_as_diesel_prints_them() {
    is_diesels_own(
        Dialect::Postgres,
        r#"
        CREATE SCHEMA app;
        CREATE SCHEMA "Other Schema";
        CREATE TYPE _mood AS ENUM ('sad');
        CREATE TYPE "HTTPServer" AS ENUM ('a');
        CREATE TYPE "http_server" AS ENUM ('a');
        CREATE TYPE app.status AS ENUM ('a');
        CREATE TYPE status AS ENUM ('a');
        CREATE TYPE "Other Schema".status AS ENUM ('a');
        CREATE TYPE "Other Schema"."odd(type)" AS ENUM ('a');
        CREATE TYPE "odd.type" AS ENUM ('a');
        CREATE TYPE "Bool" AS ENUM ('a');
        CREATE TYPE "text" AS ENUM ('a');
        CREATE TYPE point AS ENUM ('a');
        CREATE TYPE pair AS (a int, b text);
        CREATE TYPE span AS RANGE (subtype = float8);
        CREATE TABLE a_types (
            id int PRIMARY KEY, m _mood, ms _mood[], h "HTTPServer", h2 "http_server", s app.status, s2 public.status, s3 "Other Schema".status,
            o "Other Schema"."odd(type)", os "Other Schema"."odd(type)"[] NOT NULL, d "odd.type", b "Bool", t public."text", real_t text,
            p public.point, real_p point, c pair, cs pair[], r span, grid int[][], wide numeric(10, 2)[3], stamps timestamptz(3)[],
            lengths varchar(7)[], length varchar(7), chars char(9), one_char char, quoted "char", quoteds "char"[], bits bit(3), bit1 bit,
            vbits bit varying, vbits5 bit varying(5), anything varchar, blank bpchar
        );
        CREATE TABLE b_types (
            id smallserial PRIMARY KEY, big bigserial, n numeric, i interval year to month, j interval(3), t time(3), tz timetz(2),
            x xml, jp jsonpath, ts tsvector, tq tsquery, o oid, rc regclass, mac macaddr, mac8 macaddr8, lsn pg_lsn, money money,
            snap txid_snapshot, snap2 pg_snapshot, x8 xid8, xid xid, cursor refcursor, acl aclitem, acls aclitem[], n1 name, names name[],
            line line, box box, path path, poly polygon, circle circle, lseg lseg, net cidr, r4 int4range, r8 int8range, dr daterange, nr numrange,
            tr tsrange, tzr tstzrange, mr int4multirange, vec int2vector, tid tid, cid cid, ov oidvector
        );
        CREATE TABLE c_types (s app.status, id uuid PRIMARY KEY DEFAULT gen_random_uuid(), s2 status);
        CREATE TABLE "Other Schema".things (id int PRIMARY KEY, s "Other Schema".status, s2 public.status, t public.point);
        "#,
        &[
            TEXTS[0],
            TEXTS[1],
            "[print_schema]\nschema = \"Other Schema\"",
            "[print_schema]\nexcept_custom_type_definitions = [\"Status\", \"^Http\"]\nimport_types = [\"crate::types::*\"]",
        ],
    );
}

#[test]
fn keys_between_tables_are_printed_as_diesel_prints_them() {
    is_diesels_own(
        Dialect::Postgres,
        r#"
        CREATE SCHEMA "Other Schema";
        CREATE TABLE users (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text UNIQUE, manager bigint REFERENCES users);
        CREATE TABLE by_email (id int PRIMARY KEY, email text REFERENCES users (email));
        CREATE TABLE two_of_users (id int PRIMARY KEY, a bigint REFERENCES users, b bigint REFERENCES users);
        CREATE TABLE both_ways (id bigint PRIMARY KEY REFERENCES users);
        ALTER TABLE users ADD COLUMN other bigint REFERENCES both_ways;
        CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
        CREATE TABLE of_pairs (id int PRIMARY KEY, a int, b int, u bigint REFERENCES users, FOREIGN KEY (a, b) REFERENCES pairs);
        CREATE TABLE deferred (id int PRIMARY KEY, u bigint REFERENCES users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE one_column_twice (id bigint PRIMARY KEY REFERENCES users REFERENCES deferred (id));
        CREATE TABLE computed (id int PRIMARY KEY, u bigint REFERENCES users, total int GENERATED ALWAYS AS (id * 2) STORED);
        CREATE TABLE "Other Schema".elsewhere (id int PRIMARY KEY, u bigint REFERENCES users);
        CREATE TABLE of_elsewhere (id int PRIMARY KEY, e int REFERENCES "Other Schema".elsewhere);
        CREATE TABLE parted (id bigint PRIMARY KEY, u bigint REFERENCES users) PARTITION BY HASH (id);
        CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (modulus 2, remainder 0);
        CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (modulus 2, remainder 1);
        CREATE TABLE of_parted (id int PRIMARY KEY, p bigint REFERENCES parted);
        CREATE TABLE parted_too (id bigint PRIMARY KEY, p bigint REFERENCES parted) PARTITION BY HASH (id);
        CREATE TABLE parted_too_0 PARTITION OF parted_too FOR VALUES WITH (modulus 1, remainder 0) PARTITION BY HASH (id);
        CREATE TABLE parted_too_0_0 PARTITION OF parted_too_0 FOR VALUES WITH (modulus 1, remainder 0);
        CREATE TABLE base (id int PRIMARY KEY, a text);
        CREATE VIEW some_view AS SELECT id FROM users;
        CREATE MATERIALIZED VIEW some_matview AS SELECT id FROM users;
        COMMENT ON TABLE parted IS 'the whole';
        COMMENT ON COLUMN parted.u IS 'whose';
        COMMENT ON VIEW some_view IS 'a view';
        "#,
        &TEXTS,
    );
}

#[test]
fn wide_and_many_tables_are_printed_as_diesel_prints_them() {
    let columns: Vec<String> = (0..260).map(|nth| format!("column_number_{nth} integer")).collect();
    let mut sql = format!("CREATE TABLE wide (id int PRIMARY KEY, {});", columns.join(", "));
    let long = "a_table_with_a_very_long_name_that_takes_nearly_all_of_the_room";
    for nth in 0..30 {
        sql += &format!(
            "CREATE TYPE status_{nth} AS ENUM ('a'); CREATE TABLE t{nth} (id int PRIMARY KEY, s status_{nth}, w int REFERENCES wide);"
        );
    }
    sql += &format!(
        "CREATE TABLE {long} (id int PRIMARY KEY, a_column_with_a_very_long_name_that_takes_nearly_all_of_the_room int REFERENCES wide);"
    );
    is_diesels_own(Dialect::Postgres, &sql, &TEXTS[..4]);
}
