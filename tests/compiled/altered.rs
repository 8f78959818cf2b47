//! Renames, alterations, sequences, triggers and unread statements: one of every kind, and what is refused of them.

use planner::catalog::{Catalog, Deferral, Generated, Identity, SqlType, Trigger};
use planner::change::apply::apply;
use planner::change::effect::{Effect, effects};
use planner::change::footprint::footprint;
use planner::change::{Change, Constraint, ObjectKind, Other, Touched, Verb};
use planner::dialect::Dialect;
use planner::dialects::{RenderContext, render};
use planner::name::ObjectName;

use super::samples::{self, key, sql};

pub fn other(verb: Verb, kind: ObjectKind, name: &str, on: Option<&str>, text: &str) -> Other {
    Other {
        verb,
        kind,
        name: Some(name.into()),
        on: on.map(ObjectName::from),
        text: text.to_owned(),
        touches: Vec::new(),
        domain: None,
    }
}

fn rename_column(table: &str, from: &str, to: &str) -> Change {
    Change::RenameColumn { table: table.into(), from: from.into(), to: to.into() }
}

fn rename_table(from: &str, to: &str) -> Change {
    Change::RenameTable { from: from.into(), to: to.into() }
}

fn set_type(column: &str, sql_type: &str) -> Change {
    Change::SetType {
        table: "users".into(),
        column: column.into(),
        sql_type: SqlType(sql_type.to_owned()),
        using: None,
        collation: None,
    }
}

/// One change of every kind; each fits [`samples::catalog`] by itself.
pub fn changes() -> Vec<Change> {
    let (users, orders) = (|| "users".into(), || "orders".into());
    let stored = Generated::Stored(sql("length(name)"));
    let generated = |column: &str, generated| Change::SetGenerated {
        table: "users".into(),
        column: column.into(),
        generated,
    };
    let comment = |comment: Option<&str>| Change::SetComment {
        table: "users".into(),
        column: Some("name".into()),
        comment: comment.map(str::to_owned),
    };
    let using = |primary| Constraint::UsingIndex {
        name: "orders_note_key".into(),
        index: "orders_note_idx".into(),
        primary,
        deferral: Deferral::Never,
    };
    let definition = Some("CREATE TRIGGER \"t\n\" AFTER INSERT ON orders …".to_owned());
    let mut policy =
        other(Verb::Create, ObjectKind::Policy, "own", Some("users"), "CREATE POLICY own");
    policy.touches.push(Touched { object: "users".into(), column: Some("name".into()) });
    let mut changes = vec![
        rename_table("users", "app.people"),
        rename_table("people", "persons"),
        rename_column("users", "name", "full \"name\""),
        rename_column("users", "email", "mail"),
        Change::RenameConstraint {
            table: users(),
            from: "users_age_check".into(),
            to: "age_check".into(),
        },
        Change::RenameIndex { table: users(), from: "users_email_idx".into(), to: "mails".into() },
        Change::RenameEnum { from: "mood".into(), to: "app.feeling".into() },
        Change::RenameEnumValue { name: "mood".into(), from: "sad".into(), to: "blue".into() },
        Change::RenameSequence { from: "numbers".into(), to: "counts".into() },
        set_type("email", "character varying(20)"),
        Change::SetType {
            table: users(),
            column: "email".into(),
            sql_type: SqlType("integer".to_owned()),
            using: Some(sql("length(email)")),
            collation: None,
        },
        Change::SetType {
            table: users(),
            column: "email".into(),
            sql_type: SqlType("text".to_owned()),
            using: None,
            collation: Some("C".into()),
        },
        generated("given", Some(stored)),
        generated("id", Some(Generated::Identity(Identity::Always))),
        generated("email", None),
        Change::ValidateConstraint { table: users(), constraint: "users_age_check".into() },
        comment(Some("it's")),
        comment(None),
        Change::CreateSequence { name: "app.numbers".into() },
        Change::DropSequence { name: "numbers".into() },
        Change::CreateTrigger {
            table: orders(),
            name: "t\n".into(),
            trigger: Trigger { definition },
        },
        Change::DropTrigger { table: orders(), name: "stamp".into() },
        Change::Truncate { tables: vec![users(), orders()] },
        Change::Other(policy),
        Change::AddConstraint { table: orders(), constraint: using(false) },
        Change::AddConstraint {
            table: "bare".into(),
            constraint: Constraint::Primary(key("bare_pkey", &["of"])),
        },
    ];
    let mut as_key = other(Verb::Run, ObjectKind::Query, "f", None, "SELECT f()");
    as_key.name = None;
    changes.push(Change::Other(as_key));
    changes
}

fn refused(dialect: Dialect, change: &Change) -> String {
    let mut catalog = samples::catalog(dialect);
    let before = catalog.clone();
    let error = apply(change, &mut catalog).unwrap_err();
    assert_eq!(catalog, before);
    error.to_string()
}

#[test]
fn what_is_not_there_cannot_be_renamed_and_what_is_there_is_no_new_name() {
    for dialect in Dialect::ALL {
        let refused = |change| refused(dialect, &change);
        assert_eq!(refused(rename_table("nobody", "x")), "table `nobody` does not exist");
        assert_eq!(refused(rename_table("users", "orders")), "table `orders` already exists");
        assert_eq!(refused(rename_table("users", "people")), "view `people` already exists");
        assert_eq!(
            refused(rename_column("users", "name", "email")),
            "column `users.email` already exists"
        );
        assert_eq!(
            refused(rename_column("users", "nick", "x")),
            "column `users.nick` does not exist"
        );
        let constraint = |from: &str, to: &str| Change::RenameConstraint {
            table: "users".into(),
            from: from.into(),
            to: to.into(),
        };
        assert_eq!(refused(constraint("x", "y")), "constraint `users.x` does not exist");
        assert_eq!(
            refused(constraint("users_age_check", "users_pkey")),
            "constraint `users.users_pkey` already exists"
        );
        let index = |from: &str, to: &str| Change::RenameIndex {
            table: "users".into(),
            from: from.into(),
            to: to.into(),
        };
        assert_eq!(refused(index("x", "y")), "index `users.x` does not exist");
        assert_eq!(
            refused(index("users_email_idx", "orders_note_idx")),
            "index `orders.orders_note_idx` already exists"
        );
    }
}

#[test]
fn what_the_server_refuses_of_types_sequences_and_triggers_is_refused() {
    let refused = |change| refused(Dialect::Postgres, &change);
    assert_eq!(
        refused(set_type("name", "integer")),
        "column `users.name` is used by view `people`"
    );
    let value = |from: &str, to: &str| Change::RenameEnumValue {
        name: "mood".into(),
        from: from.into(),
        to: to.into(),
    };
    assert_eq!(refused(value("calm", "x")), "enum value `mood.calm` does not exist");
    assert_eq!(refused(value("sad", "happy")), "enum value `mood.happy` already exists");
    assert_eq!(
        refused(Change::CreateSequence { name: "users".into() }),
        "table `users` already exists"
    );
    assert_eq!(refused(Change::DropSequence { name: "x".into() }), "sequence `x` does not exist");
    assert_eq!(
        refused(Change::DropTrigger { table: "orders".into(), name: "x".into() }),
        "trigger `orders.x` does not exist"
    );
    let again = Change::CreateTrigger {
        table: "orders".into(),
        name: "stamp".into(),
        trigger: Trigger { definition: None },
    };
    assert_eq!(refused(again), "trigger `orders.stamp` already exists");
    assert_eq!(
        refused(Change::AddConstraint {
            table: "users".into(),
            constraint: Constraint::Primary(key("other_pkey", &["age"])),
        }),
        "primary key `users.users_pkey` already exists"
    );
    assert_eq!(
        refused(Change::AddConstraint {
            table: "users".into(),
            constraint: Constraint::UsingIndex {
                name: "k".into(),
                index: "users_email_idx".into(),
                primary: false,
                deferral: Deferral::Never
            },
        }),
        "unique index `users.users_email_idx` does not exist"
    );
    let drop =
        |kind, name: &str, text: &str| Change::Other(other(Verb::Drop, kind, name, None, text));
    assert_eq!(
        refused(drop(ObjectKind::Function, "stamp", "DROP FUNCTION stamp()")),
        "function `stamp` is used by trigger `stamp` of table `orders`"
    );
}

#[test]
fn a_sequence_that_a_default_uses_and_a_type_that_a_column_has_stay() {
    let mut catalog = samples::catalog(Dialect::Postgres);
    let default = Change::SetDefault {
        table: "users".into(),
        column: "age".into(),
        default: Some(sql("nextval('numbers'::regclass)")),
    };
    apply(&default, &mut catalog).unwrap();
    let drop = Change::DropSequence { name: "numbers".into() };
    assert_eq!(
        apply(&drop, &mut catalog).unwrap_err().to_string(),
        "sequence `numbers` is used by column `users.age`"
    );
    let domain =
        |verb, text: &str| Change::Other(other(verb, ObjectKind::Domain, "mail", None, text));
    let create = domain(Verb::Create, "CREATE DOMAIN mail AS text");
    apply(&create, &mut catalog).unwrap();
    assert_eq!(
        apply(&create, &mut catalog).unwrap_err().to_string(),
        "domain `mail` already exists"
    );
    apply(&set_type("email", "mail"), &mut catalog).unwrap();
    let drop = domain(Verb::Drop, "DROP DOMAIN mail");
    assert_eq!(
        apply(&drop, &mut catalog).unwrap_err().to_string(),
        "domain `mail` is used by column `users.email`"
    );
    apply(&set_type("email", "text"), &mut catalog).unwrap();
    apply(&drop, &mut catalog).unwrap();
    assert!(catalog.others.is_empty());
    apply(&drop, &mut catalog).unwrap();
}

#[test]
fn what_belongs_to_a_table_goes_on_belonging_to_it() {
    let mut catalog = samples::catalog(Dialect::Postgres);
    let policy = other(Verb::Create, ObjectKind::Policy, "own", Some("users"), "CREATE POLICY own");
    apply(&Change::Other(policy), &mut catalog).unwrap();
    apply(&rename_table("users", "persons"), &mut catalog).unwrap();
    let entry = (ObjectKind::Policy, ObjectName::from("own"));
    assert_eq!(catalog.others.get(&entry), Some(&Some("persons".into())));
    apply(&Change::DropView { name: "people".into() }, &mut catalog).unwrap();
    apply(&Change::DropTable { name: "orders".into() }, &mut catalog).unwrap();
    apply(&Change::DropTable { name: "persons".into() }, &mut catalog).unwrap();
    assert!(catalog.others.is_empty());
}

#[test]
fn a_sync_keeps_its_tables_and_columns_from_being_renamed() {
    let mut catalog = samples::catalog(Dialect::Postgres);
    apply(&Change::CreateSync(samples::columns_sync()), &mut catalog).unwrap();
    for change in [rename_table("users", "x"), rename_column("users", "given", "x")] {
        let error = apply(&change, &mut catalog).unwrap_err().to_string();
        assert!(error.ends_with("is used by sync `planner_sync_split_keep`"), "{error}");
    }
    apply(&rename_column("users", "email", "x"), &mut catalog).unwrap();
}

#[test]
fn each_kind_of_change_does_to_releases_what_it_does() {
    let catalog = samples::catalog(Dialect::Postgres);
    let told: Vec<String> = changes()
        .iter()
        .map(|change| {
            let effects = effects(change, &catalog);
            let effects = effects.iter().map(|effect| match effect {
                Effect::Adds(object) => format!("adds {} {object}", object.kind()),
                Effect::Retires(object) => format!("retires {} {object}", object.kind()),
                Effect::MovesData(table) => format!("moves data of {table}"),
                Effect::Destroys(object) => format!("destroys {} {object}", object.kind()),
                Effect::Restricts(object) => format!("restricts {} {object}", object.kind()),
                Effect::RemovesGuarantee(object) => format!("loosens {} {object}", object.kind()),
                Effect::Invisible(object) => format!("leaves {} {object}", object.kind()),
                Effect::Opaque => "is unknown".to_owned(),
            });
            effects.collect::<Vec<_>>().join(", ")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn every_verb_and_kind_of_unread_statements_is_judged() {
    let catalog = Catalog::empty(Dialect::Postgres);
    let judge = |verb, kind| {
        let change = Change::Other(other(verb, kind, "x", Some("t"), "…"));
        match effects(&change, &catalog).as_slice() {
            [Effect::Adds(_)] => "adds",
            [Effect::Destroys(_)] => "destroys",
            [Effect::Restricts(_)] => "restricts",
            [Effect::RemovesGuarantee(_)] => "loosens",
            [Effect::MovesData(_)] => "moves",
            [Effect::Invisible(_)] => "unseen",
            [Effect::Opaque] => "?",
            others => panic!("{others:?}"),
        }
    };
    let mut table = String::new();
    for kind in ObjectKind::ALL {
        let row: Vec<&str> = Verb::ALL.into_iter().map(|verb| judge(verb, kind)).collect();
        table.push_str(&format!("{}: {}\n", kind.word(), row.join(" ")));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_rename_commutes_with_nothing_that_names_what_it_renames() {
    let catalog = samples::catalog(Dialect::Postgres);
    let commute = |one: &Change, other: &Change| {
        let theirs = footprint(other, &catalog);
        footprint(one, &catalog).iter().all(|(object, access)| {
            theirs.iter().filter(|(of, _)| of == object).all(|(_, of)| access.commutes_with(*of))
        })
    };
    let rename = rename_column("users", "email", "mail");
    let fill = Change::Write(samples::update("users", "given", "email", "given IS NULL"));
    let other_fill = Change::Write(samples::update("users", "given", "name", "given IS NULL"));
    assert!(!commute(&rename, &fill));
    assert!(commute(&rename, &other_fill));
    assert!(!commute(&rename_table("users", "x"), &other_fill));
    assert!(!commute(&rename_table("orders", "x"), &rename_table("users", "x")));
    let truncate = Change::Truncate { tables: vec!["users".into()] };
    assert!(!commute(&truncate, &fill));
    assert!(!commute(&set_type("email", "integer"), &fill));
    let sequence = Change::DropSequence { name: "numbers".into() };
    let default = Change::SetDefault {
        table: "users".into(),
        column: "age".into(),
        default: Some(sql("nextval('numbers')")),
    };
    assert!(!commute(&sequence, &default));
}

#[test]
fn what_a_dialect_does_not_have_is_refused_with_the_alternative() {
    let mut refused = Vec::new();
    for dialect in Dialect::ALL {
        let before = samples::catalog(dialect);
        for change in changes() {
            let context = RenderContext { before: &before, fresh_table: false, lock_timeout_ms: 1 };
            if let Err(refusal) = render(&change, &context) {
                refused.push(format!("{}: {}", refusal.message, refusal.alternative));
            }
        }
    }
    insta::assert_snapshot!(refused.join("\n"));
}
