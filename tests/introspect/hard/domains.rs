//! Columns of domains: Diesel prints the type beneath, unless `pg_domains_as_custom_types` names the domain.

use planner::dialect::Dialect;

use super::is_diesels_own;

const SQL: &str = r#"
CREATE SCHEMA billing;
CREATE SCHEMA "Odd Schema";
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE billing.kind AS ENUM ('a');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN short AS varchar(20);
CREATE DOMAIN code char(3) DEFAULT 'abc' NOT NULL;
CREATE DOMAIN work_email AS email CHECK (VALUE LIKE '%.com');
CREATE DOMAIN short_one AS short;
CREATE DOMAIN tags AS text[];
CREATE DOMAIN feeling AS mood DEFAULT 'sad';
CREATE DOMAIN billing.amount AS numeric(10, 2) CONSTRAINT positive CHECK (VALUE > 0) NOT NULL;
CREATE DOMAIN billing.kind_of AS billing.kind;
CREATE DOMAIN "Odd Schema"."Odd Domain" AS timestamptz(3);
CREATE DOMAIN bits AS bit(3);
CREATE DOMAIN zoned AS time with time zone;
CREATE DOMAIN name AS text;
CREATE DOMAIN _hidden AS integer;
CREATE DOMAIN nothing AS integer NULL;
CREATE TABLE users (
    id serial PRIMARY KEY, email email, work work_email NOT NULL, short short, short_one short_one, code code, tags tags, feeling feeling,
    amount billing.amount, kind billing.kind_of NOT NULL, odd "Odd Schema"."Odd Domain", emails email[], amounts billing.amount[] NOT NULL,
    codes code[], bits bits, zoned zoned, name public.name, real_name name, hidden _hidden, hiddens _hidden[], nothing nothing,
    all_tags tags[]
);
CREATE TABLE billing.lines (id int PRIMARY KEY, amount billing.amount, email email, feeling feeling, own mood);
"#;

#[test]
fn domains_are_printed_as_diesel_prints_them() {
    is_diesels_own(
        Dialect::Postgres,
        SQL,
        &[
            "",
            "[print_schema]\npg_domains_as_custom_types = []",
            "[print_schema]\npg_domains_as_custom_types = [\".\"]",
            "[print_schema]\npg_domains_as_custom_types = [\"^email$\", \"amount\", \"Odd\"]\nwith_docs = true",
            "[print_schema]\npg_domains_as_custom_types = [\"short\", \"code\", \"_hidden\"]\ngenerate_missing_sql_type_definitions = false",
            "[print_schema]\nschema = \"billing\"",
            "[print_schema]\nschema = \"billing\"\npg_domains_as_custom_types = [\".\"]\nexcept_custom_type_definitions = [\"^Amount$\"]",
        ],
    );
}

#[test]
fn what_becomes_of_a_domain_is_followed() {
    is_diesels_own(
        Dialect::Postgres,
        "CREATE SCHEMA billing;
         CREATE DOMAIN email AS text;
         CREATE DOMAIN code AS integer;
         CREATE DOMAIN gone AS integer;
         CREATE TABLE users (id int PRIMARY KEY, email email, code code);
         ALTER DOMAIN email SET NOT NULL;
         ALTER DOMAIN code SET NOT NULL;
         ALTER DOMAIN code DROP NOT NULL;
         ALTER DOMAIN email ADD CONSTRAINT at CHECK (VALUE LIKE '%@%');
         ALTER DOMAIN email DROP CONSTRAINT at;
         ALTER DOMAIN email SET DEFAULT 'a@b';
         ALTER DOMAIN email RENAME TO address;
         ALTER DOMAIN code SET SCHEMA billing;
         DROP DOMAIN gone",
        &["", "[print_schema]\npg_domains_as_custom_types = [\"address\", \"code\"]"],
    );
}
