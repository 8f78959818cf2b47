//! The catalog that changes predict is the one that the engine has after their SQL ran.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use planner::catalog::diff::diff;
use planner::catalog::{
    Catalog, Check, Column, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey,
    IndexTerms, Key, Nulls, Order, PartTerms, ReferenceTerms, ReferentialAction, SqlExpression,
    Sync, Table, View,
};
use planner::change::apply::apply;
use planner::change::{Change, Constraint};
use planner::database::introspect::{postgres, sqlite};
use planner::dialect::Dialect;
use planner::dialects::{RenderContext, normalize_type, render};
use planner::expressions::same_expression;
use planner::name::Name;

use crate::support::{ScratchPostgres, ScratchSqlite};

pub(super) fn column(dialect: Dialect, name: &str, sql_type: &str) -> Column {
    let mut column = Column::new(name, "");
    column.sql_type = normalize_type(dialect, sql_type);
    column
}

pub(super) fn key(name: &str, columns: &[&str]) -> Key {
    Key::new(name.into(), columns.iter().map(|name| Name::from(*name)).collect())
}

pub(super) fn part(key: IndexKey, order: Order, nulls: Option<Nulls>) -> IndexColumn {
    IndexColumn { key, order, nulls, opclass: None, terms: PartTerms::default() }
}

pub(super) fn users(dialect: Dialect) -> Table {
    let mut id =
        column(dialect, "id", if dialect == Dialect::Postgres { "bigserial" } else { "integer" });
    if dialect == Dialect::Postgres {
        id.sql_type = normalize_type(dialect, "bigint");
    }
    id.nullable = false;
    let numbering = match dialect {
        Dialect::Postgres => Identity::Serial,
        Dialect::Sqlite => Identity::RowId,
    };
    id.generated = Some(Generated::Identity(numbering));
    let mut name = column(dialect, "name", "varchar(20)");
    name.nullable = false;
    name.default = Some(SqlExpression::new("'nobody'"));
    let price = column(dialect, "price", "numeric(10, 2)");
    let mut total = column(dialect, "total", "int");
    total.generated = Some(Generated::Stored(SqlExpression::new("length(name) + 1")));
    let mut flag = column(dialect, "flag", "boolean");
    flag.default = Some(SqlExpression::new("false"));
    Table {
        columns: vec![id, name, price, total, flag, column(dialect, "select", "text")],
        primary_key: Some(key("users_pkey", &["id"])),
        uniques: vec![key("users_name_price_key", &["name", "price"])],
        checks: vec![Check {
            name: "users_name_check".into(),
            expression: SqlExpression::new(
                "name <> '' AND (price BETWEEN 0 AND 10 OR name IN ('a', 'b'))",
            ),
            validated: true,
            no_inherit: false,
        }],
        ..Table::default()
    }
}

pub(super) fn posts(dialect: Dialect) -> Table {
    let mut id = column(dialect, "id", "integer");
    id.nullable = false;
    if dialect == Dialect::Sqlite {
        id.generated = Some(Generated::Identity(Identity::RowId));
    }
    Table {
        columns: vec![id, column(dialect, "user_id", "bigint"), column(dialect, "title", "text")],
        primary_key: Some(key("posts_pkey", &["id"])),
        foreign_keys: vec![ForeignKey {
            name: "posts_user_id_fkey".into(),
            columns: vec!["user_id".into()],
            references: "users".into(),
            referenced_columns: vec!["id".into()],
            on_delete: ReferentialAction::Cascade,
            on_update: ReferentialAction::NoAction,
            validated: true,
            terms: ReferenceTerms::default(),
        }],
        ..Table::default()
    }
}

pub(super) fn index(columns: Vec<IndexColumn>, unique: bool, predicate: Option<&str>) -> Index {
    let predicate = predicate.map(SqlExpression::new);
    Index {
        columns,
        unique,
        predicate,
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    }
}

fn changes(dialect: Dialect) -> Vec<Change> {
    let by_column = |name: &str| part(IndexKey::Column(name.into()), Order::Descending, None);
    let lower =
        part(IndexKey::Expression(SqlExpression::new("lower(name)")), Order::Ascending, None);
    let mut nickname = column(dialect, "nickname", "text");
    nickname.default = Some(SqlExpression::new("''"));
    let view = View {
        query: SqlExpression::new("SELECT id, name AS called FROM users WHERE price > 1"),
        columns: vec!["id".into(), "called".into()],
        materialized: false,
    };
    let sync = Sync::Columns {
        name: "planner_sync_x_y".into(),
        table: "posts".into(),
        forward: vec![("headline".into(), SqlExpression::new("upper(title)"))],
        backward: vec![("title".into(), SqlExpression::new("lower(headline)"))],
    };
    let check = Check {
        name: "users_nickname_check".into(),
        expression: SqlExpression::new("nickname IS NULL OR nickname <> 'x'"),
        validated: true,
        no_inherit: false,
    };
    vec![
        Change::CreateTable { name: "users".into(), table: users(dialect) },
        Change::CreateTable { name: "posts".into(), table: posts(dialect) },
        Change::AddColumn { table: "users".into(), column: nickname },
        Change::AddColumn { table: "posts".into(), column: column(dialect, "headline", "text") },
        Change::CreateIndex {
            table: "users".into(),
            name: "users_lower_idx".into(),
            index: index(vec![lower, by_column("price")], true, Some("price > 0 AND name <> 'x'")),
        },
        Change::AddConstraint { table: "users".into(), constraint: Constraint::Check(check) },
        Change::AddConstraint {
            table: "posts".into(),
            constraint: Constraint::Unique(key("posts_title_key", &["title"])),
        },
        Change::SetNullable { table: "posts".into(), column: "user_id".into(), nullable: false },
        Change::SetDefault {
            table: "posts".into(),
            column: "title".into(),
            default: Some(SqlExpression::new("upper('none')")),
        },
        Change::CreateView { name: "pricey".into(), view },
        Change::CreateSync(Arc::new(sync)),
        Change::DropConstraint { table: "users".into(), constraint: "users_name_price_key".into() },
        Change::DropColumn { table: "users".into(), column: "flag".into(), refill: None },
    ]
}

/// Runs change after change and compares after each.
pub(super) fn every_change_is_as_predicted(
    dialect: Dialect,
    run: &mut dyn FnMut(&str),
    read: &mut dyn FnMut() -> Catalog,
) {
    let same = |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
    let connection = std::cell::RefCell::new((run, read));
    let mut predicted = Catalog::empty(dialect);
    for change in changes(dialect) {
        let context =
            RenderContext { before: &predicted, fresh_table: false, lock_timeout_ms: 1_000 };
        let script =
            render(&change, &context).unwrap_or_else(|refusal| panic!("{change:?}: {refusal}"));
        for statement in script.groups.iter().flat_map(|group| &group.statements) {
            (connection.borrow_mut().0)(statement);
        }
        apply(&change, &mut predicted).unwrap_or_else(|error| panic!("{change:?}: {error}"));
        let found = (connection.borrow_mut().1)();
        assert_eq!(diff(&predicted, &found, &same), [], "after {change:?}");
    }
}

#[test]
fn what_changes_predict_is_what_postgresql_has() {
    let database = ScratchPostgres::new();
    let mut writer = database.connect();
    let mut reader = database.connect();
    every_change_is_as_predicted(
        Dialect::Postgres,
        &mut |sql| writer.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}")),
        &mut || postgres::read(&mut reader).unwrap(),
    );
}

#[test]
fn what_changes_predict_is_what_sqlite_has() {
    let database = ScratchSqlite::new();
    let mut writer = database.connect();
    let mut reader = database.connect();
    writer.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    every_change_is_as_predicted(
        Dialect::Sqlite,
        &mut |sql| writer.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}")),
        &mut || sqlite::read(&mut reader).unwrap(),
    );
}
