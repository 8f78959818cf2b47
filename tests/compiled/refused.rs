//! Changes that a catalog refuses, each with its reason.

use planner::change::apply::{ApplyError, apply};
use planner::change::{Change, Constraint};
use planner::dialect::Dialect;

use super::samples;

fn refused(dialect: Dialect, change: &Change) -> String {
    let mut catalog = samples::catalog(dialect);
    let before = catalog.clone();
    let error: ApplyError = apply(change, &mut catalog).unwrap_err();
    assert_eq!(catalog, before);
    error.to_string()
}

fn drop_column(table: &str, column: &str) -> Change {
    Change::DropColumn { table: table.into(), column: column.into(), refill: None }
}

#[test]
fn what_is_used_cannot_be_dropped() {
    let refused = |change| refused(Dialect::Postgres, &change);
    assert_eq!(
        refused(Change::DropTable { name: "users".into() }),
        "table `users` is used by foreign key `orders_user_id_fkey` of table `orders`"
    );
    assert_eq!(
        refused(drop_column("users", "name")),
        "column `users.name` is used by view `people`"
    );
    assert_eq!(
        refused(drop_column("users", "id")),
        "column `users.id` is used by foreign key `orders_user_id_fkey` of table `orders`"
    );
    assert_eq!(
        refused(Change::DropConstraint { table: "users".into(), constraint: "users_pkey".into() }),
        "constraint `users.users_pkey` is used by foreign key `orders_user_id_fkey` of table `orders`"
    );
    assert_eq!(
        refused(Change::SetNullable { table: "users".into(), column: "id".into(), nullable: true }),
        "column `users.id` is used by primary key `users_pkey`"
    );
}

#[test]
fn a_column_of_a_live_sync_cannot_be_dropped_until_the_sync_is() {
    let mut catalog = samples::catalog(Dialect::Postgres);
    apply(&Change::DropView { name: "people".into() }, &mut catalog).unwrap();
    apply(&Change::CreateSync(samples::columns_sync()), &mut catalog).unwrap();
    for column in ["name", "given"] {
        let error = apply(&drop_column("users", column), &mut catalog).unwrap_err();
        assert!(
            error.to_string().ends_with("is used by sync `planner_sync_split_keep`"),
            "{error}"
        );
    }
    assert!(
        catalog.table(&"users".into()).unwrap().triggers.contains_key("planner_sync_split_keep")
    );
    apply(&Change::DropSync(samples::columns_sync()), &mut catalog).unwrap();
    apply(&drop_column("users", "name"), &mut catalog).unwrap();
    assert!(catalog.functions.is_empty());
}

#[test]
fn parts_on_the_very_column_go_with_it_and_others_keep_it() {
    let mut catalog = samples::catalog(Dialect::Sqlite);
    let users = || "users".into();
    let mut partial = samples::index(&["age"]);
    partial.predicate = Some(samples::sql("email IS NOT NULL"));
    let create =
        Change::CreateIndex { table: users(), name: "users_age_idx".into(), index: partial };
    apply(&create, &mut catalog).unwrap();
    let error = apply(&drop_column("users", "email"), &mut catalog).unwrap_err();
    assert_eq!(error.to_string(), "column `users.email` is used by index `users_age_idx`");
    apply(&Change::DropIndex { table: users(), name: "users_age_idx".into() }, &mut catalog)
        .unwrap();
    apply(&drop_column("users", "email"), &mut catalog).unwrap();
    apply(&drop_column("users", "age"), &mut catalog).unwrap();
    let table = catalog.table(&"users".into()).unwrap();
    assert!(table.indexes.is_empty() && table.checks.is_empty());
}

#[test]
fn tables_views_and_indexes_share_their_names() {
    let taken = |dialect, name: &str| {
        refused(
            dialect,
            &Change::CreateTable { name: name.into(), table: samples::table("x", &[]) },
        )
    };
    assert_eq!(taken(Dialect::Postgres, "people"), "view `people` already exists");
    assert_eq!(
        taken(Dialect::Postgres, "users_email_idx"),
        "index `users.users_email_idx` already exists"
    );
    assert_eq!(taken(Dialect::Postgres, "mood"), "enum `mood` already exists");
    assert_eq!(taken(Dialect::Sqlite, "USERS"), "table `users` already exists");
    let index = Change::CreateIndex {
        table: "users".into(),
        name: "orders_pkey".into(),
        index: samples::index(&["name"]),
    };
    assert_eq!(
        refused(Dialect::Postgres, &index),
        "constraint `orders.orders_pkey` already exists"
    );
}

#[test]
fn a_foreign_key_needs_something_unique_at_its_end() {
    let mut key = samples::foreign_key("orders_note_fkey", &["note"], "users");
    key.referenced_columns = samples::names(&["email"]);
    let change =
        Change::AddConstraint { table: "orders".into(), constraint: Constraint::ForeignKey(key) };
    assert_eq!(
        refused(Dialect::Postgres, &change),
        "primary key or unique constraint on `users.email` does not exist"
    );
}
