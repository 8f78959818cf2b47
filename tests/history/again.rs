//! What a migration takes away and makes again itself.

use super::{RULE, findings, of_dialect};

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE shops (id bigint PRIMARY KEY, code text NOT NULL, place text);
     CREATE TABLE shelves (id bigint PRIMARY KEY, shop bigint NOT NULL CONSTRAINT of_shop REFERENCES shops,
         CONSTRAINT place UNIQUE (shop));",
);

/// What these rules find; what others think of the statements is not asked here.
fn told(dialect: &str, migrations: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let mut found = of_dialect(dialect, migrations);
    found.retain(|(_, rule, _)| rule == RULE || rule == "unprepared-restriction");
    found
}

#[track_caller]
fn only_told(migrations: &[(&str, &str)], said: &str) {
    let found = told("postgres", migrations);
    assert!(
        matches!(found.as_slice(), [one] if one.0 == "error" && one.2.contains(said)),
        "{found:#?}"
    );
}

fn then(up: &str) -> [(&str, &str); 2] {
    [CREATE, ("2023-03-01-000000_then", up)]
}

#[test]
fn a_table_that_is_made_again_without_its_rows_has_lost_them() {
    let up =
        "DROP TABLE shelves;\nCREATE TABLE shelves (id bigint PRIMARY KEY, shop bigint NOT NULL);";
    only_told(&then(up), "drops table `shelves` and makes it again without its rows");
}

#[test]
fn a_table_that_is_made_again_with_its_rows_is_the_same_if_its_columns_are() {
    let copied = "CREATE TABLE shops_new (id bigint PRIMARY KEY, code COLUMN NOT NULL, place text);
        INSERT INTO shops_new (id, code, place) SELECT id, code, place FROM shops;
        DROP TABLE shops CASCADE;
        ALTER TABLE shops_new RENAME TO shops;";
    let found = findings(&then(&copied.replace("COLUMN", "text")));
    assert!(found.iter().all(|(_, rule, _)| rule != RULE), "{found:#?}");
    let found = findings(&then(&copied.replace("COLUMN", "integer")));
    assert!(
        found.iter().any(|(_, _, said)| said.contains("changes the type of column `shops.code`")),
        "{found:#?}"
    );
    let found =
        findings(&then(&copied.replace("code COLUMN NOT NULL, ", "").replace("code, ", "")));
    assert!(
        found.iter().any(|(_, _, said)| said.contains("drops column `shops.code`")),
        "{found:#?}"
    );
}

#[test]
fn a_table_that_is_renamed_away_and_copied_back_is_the_same() {
    let up = "ALTER TABLE shelves RENAME TO shelves_old;
        CREATE TABLE shelves (id bigint PRIMARY KEY, shop bigint NOT NULL);
        INSERT INTO shelves (id, shop) SELECT id, shop FROM shelves_old;
        DROP TABLE shelves_old;";
    assert_eq!(told("postgres", &then(up)), []);
    let two = "ALTER TABLE one RENAME TO old_one;
        ALTER TABLE two RENAME TO old_two;
        CREATE TABLE one (id integer PRIMARY KEY, note text);
        CREATE TABLE two (id integer PRIMARY KEY, note text);
        INSERT INTO one (id, note) SELECT id, note FROM old_one;
        INSERT INTO two (id, note) SELECT id, note FROM old_two;
        DROP TABLE old_one;
        DROP TABLE old_two;";
    let create = "CREATE TABLE one (id integer PRIMARY KEY, note text NOT NULL);
        CREATE TABLE two (id integer PRIMARY KEY, note text NOT NULL);";
    let migrations = [("2023-01-01-000000_create", create), ("2023-03-01-000000_relax", two)];
    assert_eq!(told("sqlite", &migrations), []);
}

#[test]
fn a_column_that_is_made_again_has_lost_its_values_unless_it_is_filled() {
    let up = "ALTER TABLE shops DROP COLUMN place;\nALTER TABLE shops ADD COLUMN place text;";
    only_told(&then(up), "drops column `shops.place` and makes it again without its values");
    let filled = format!("{up}\nUPDATE shops SET place = upper(code);");
    assert_eq!(told("postgres", &then(&filled)), []);
    let retyped = filled.replace("ADD COLUMN place text", "ADD COLUMN place integer");
    only_told(&then(&retyped), "changes the type of column `shops.place`");
}

#[test]
fn what_writers_had_to_obey_before_is_no_new_restriction() {
    let action = "ALTER TABLE shelves DROP CONSTRAINT of_shop;
        ALTER TABLE shelves ADD CONSTRAINT of_shop FOREIGN KEY (shop) REFERENCES shops ON DELETE CASCADE NOT VALID;";
    assert_eq!(told("postgres", &then(action)), []);
    let wider = "ALTER TABLE shelves DROP CONSTRAINT place;
        ALTER TABLE shelves ADD CONSTRAINT place UNIQUE (shop, id);";
    let found = findings(&then(wider));
    assert!(found.iter().all(|(_, rule, _)| rule != "unprepared-restriction"), "{found:#?}");
    let same = "ALTER TABLE shelves DROP CONSTRAINT shelves_pkey, ADD PRIMARY KEY (shop);";
    let found = findings(&then(same));
    assert!(found.iter().all(|(_, rule, _)| rule != "unprepared-restriction"), "{found:#?}");
    let narrower = "ALTER TABLE shelves DROP CONSTRAINT shelves_pkey;
        ALTER TABLE shelves ADD CONSTRAINT other FOREIGN KEY (id) REFERENCES shops NOT VALID;";
    let found = findings(&then(narrower));
    assert!(found.iter().any(|(_, rule, _)| rule == "unprepared-restriction"), "{found:#?}");
}

#[test]
fn a_type_that_is_made_anew_under_its_name_is_not_the_one_that_live_releases_know() {
    let create = (
        "2023-01-01-000000_create",
        "CREATE TYPE mood AS ENUM ('glad', 'sad');
         CREATE TABLE guests (id bigint PRIMARY KEY, mood mood NOT NULL DEFAULT 'glad');",
    );
    let anew = "ALTER TABLE guests ALTER COLUMN mood DROP DEFAULT;
        ALTER TYPE mood RENAME TO old_mood;
        CREATE TYPE mood AS ENUM ('glad', 'calm'VALUES);
        ALTER TABLE guests ALTER COLUMN mood TYPE mood USING mood::text::mood;
        ALTER TABLE guests ALTER COLUMN mood SET DEFAULT 'glad';
        DROP TYPE old_mood;";
    let said = |values: &str| {
        let anew = anew.replace("VALUES", values);
        let found = findings(&[create, ("2023-03-01-000000_anew", anew.as_str())]);
        let of_rule = found.into_iter().filter(|(_, rule, _)| rule == RULE);
        of_rule.map(|(_, _, said)| said).collect::<Vec<_>>()
    };
    let with_all = said(", 'sad'");
    assert_eq!(with_all.len(), 1, "{with_all:#?}");
    assert!(
        with_all[0].starts_with("makes the type of column `guests.mood` anew"),
        "{with_all:#?}"
    );
    let without = said("");
    assert!(without.iter().any(|of| of.contains("drops enum value `mood.sad`")), "{without:#?}");
}

#[test]
fn a_view_that_comes_back_without_a_column_took_it_away() {
    let view =
        ("2023-02-01-000000_view", "CREATE VIEW places AS SELECT s.*, 1 AS one FROM shops s;");
    let drop = "DROP VIEW places;\nALTER TABLE shops ALTER COLUMN place SET DEFAULT 'here';\n";
    let same = format!("{drop}CREATE VIEW places AS SELECT id, code, place, 1 AS one FROM shops;");
    assert_eq!(told("postgres", &[CREATE, view, ("2023-03-01-000000_same", &same)]), []);
    let less = format!("{drop}CREATE VIEW places AS SELECT id, place, 1 AS one FROM shops;");
    let migrations = [CREATE, view, ("2023-03-01-000000_less", less.as_str())];
    only_told(&migrations, "drops column `places.code`");
}
