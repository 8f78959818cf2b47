//! A catalog with something of everything, and one change of every kind that fits it.

use std::sync::Arc;

use planner::catalog::{
    Catalog, Check, Column, EnumType, ForeignKey, Generated, Identity, Index, IndexColumn,
    IndexKey, IndexTerms, Key, Nulls, Order, PartTerms, ReferenceTerms, ReferentialAction,
    SqlExpression, Sync, SyncTables, Table, Trigger, View,
};
use planner::change::apply::apply;
use planner::change::{Batch, Change, Constraint, DataChange, EnumPlace, Opaque, Touched, Write};
use planner::dialect::Dialect;
use planner::name::Name;

pub fn sql(text: &str) -> SqlExpression {
    SqlExpression::new(text)
}

pub fn key(name: &str, columns: &[&str]) -> Key {
    Key::new(name.into(), names(columns))
}

pub fn names(names: &[&str]) -> Vec<Name> {
    names.iter().map(|name| Name::from(*name)).collect()
}

pub fn index(columns: &[&str]) -> Index {
    let part = |name: &&str| IndexColumn {
        key: IndexKey::Column((*name).into()),
        order: Order::Ascending,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    };
    Index {
        columns: columns.iter().map(part).collect(),
        unique: false,
        predicate: None,
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    }
}

pub fn foreign_key(name: &str, columns: &[&str], references: &str) -> ForeignKey {
    ForeignKey {
        name: name.into(),
        columns: names(columns),
        references: references.into(),
        referenced_columns: names(&["id"]),
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        validated: true,
        terms: ReferenceTerms::default(),
    }
}

pub fn check(name: &str, text: &str) -> Check {
    Check { name: name.into(), expression: sql(text), validated: true, no_inherit: false }
}

pub fn required(name: &str, sql_type: &str) -> Column {
    Column { nullable: false, ..Column::new(name, sql_type) }
}

pub fn table(name: &str, columns: &[Column]) -> Table {
    let id = Column {
        generated: Some(Generated::Identity(Identity::ByDefault)),
        ..required("id", "bigint")
    };
    Table {
        columns: std::iter::once(id).chain(columns.iter().cloned()).collect(),
        primary_key: Some(key(&format!("{name}_pkey"), &["id"])),
        ..Table::default()
    }
}

pub fn update(table: &str, column: &str, to: &str, condition: &str) -> DataChange {
    DataChange {
        table: table.into(),
        key: names(&["id"]),
        write: Write::Update { set: vec![(column.into(), sql(to))] },
        condition: Some(sql(condition)),
        batch: Batch::default(),
    }
}

pub fn columns_sync() -> Arc<Sync> {
    Arc::new(Sync::Columns {
        name: "planner_sync_split_keep".into(),
        table: "users".into(),
        forward: vec![("given".into(), sql("split_part(name, ' ', 1)"))],
        backward: vec![("name".into(), sql("given"))],
    })
}

pub fn tables_sync() -> Arc<Sync> {
    Arc::new(Sync::Tables(SyncTables {
        name: "planner_sync_move".into(),
        from: "users".into(),
        to: "orders".into(),
        columns: vec![("id".into(), sql("id")), ("user_id".into(), sql("id"))],
        key: names(&["id"]),
    }))
}

/// Users and their orders, an enum, a view.
pub fn catalog(dialect: Dialect) -> Catalog {
    let mut users = table(
        "users",
        &[
            required("name", "text"),
            Column::new("given", "text"),
            Column { default: Some(sql("0")), ..required("age", "integer") },
            Column::new("email", "text"),
        ],
    );
    users.checks.push(check("users_age_check", "age >= 0"));
    let mut orders = table("orders", &[required("user_id", "bigint"), Column::new("note", "text")]);
    orders.foreign_keys.push(foreign_key("orders_user_id_fkey", &["user_id"], "users"));
    let view = View {
        query: sql("SELECT id, name FROM users"),
        columns: names(&["id", "name"]),
        materialized: false,
    };
    let happy = EnumType { values: vec!["happy".to_owned(), "sad".to_owned()] };
    let bare = Table { columns: vec![Column::new("of", "text")], ..Table::default() };
    let mut catalog = Catalog::empty(dialect);
    for change in [
        Change::CreateTable { name: "users".into(), table: users },
        Change::CreateTable { name: "orders".into(), table: orders },
        Change::CreateIndex {
            table: "users".into(),
            name: "users_email_idx".into(),
            index: index(&["email"]),
        },
        Change::CreateView { name: "people".into(), view },
        Change::CreateEnum { name: "mood".into(), values: happy },
        Change::CreateIndex {
            table: "orders".into(),
            name: "orders_note_idx".into(),
            index: Index { unique: true, ..index(&["note"]) },
        },
        Change::CreateTable { name: "bare".into(), table: bare },
        Change::CreateSequence { name: "numbers".into() },
        Change::CreateTrigger {
            table: "orders".into(),
            name: "stamp".into(),
            trigger: Trigger {
                definition: Some(
                    "CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION stamp()".to_owned(),
                ),
            },
        },
    ] {
        apply(&change, &mut catalog).unwrap();
    }
    catalog
}

/// One change of every kind, with hostile texts here and there; each fits [`catalog`] by itself.
pub fn changes() -> Vec<Change> {
    let mut changes = schema_changes();
    changes.extend(index_changes());
    changes.extend(other_changes());
    changes.extend(super::altered::changes());
    changes
}

fn schema_changes() -> Vec<Change> {
    let users = || "users".into();
    let full = Column {
        default: Some(sql("'a \"quoted\" \\ text\nof two lines'")),
        collation: Some("C".into()),
        comment: Some("what it is".to_owned()),
        ..required("nick \"name\"", "character varying(20)")
    };
    let mut moods = table("moods", &[Column::new("mood", "mood"), full.clone()]);
    moods.uniques.push(key("moods_mood_key", &["mood"]));
    moods.checks.push(Check { validated: false, ..check("moods_check", "mood <> 'sad'") });
    moods.foreign_keys.push(ForeignKey {
        on_delete: ReferentialAction::Cascade,
        on_update: ReferentialAction::SetNull,
        ..foreign_key("moods_id_fkey", &["id"], "users")
    });
    moods.strict = true;
    let stored = Generated::Stored(sql("age * 2"));
    vec![
        Change::CreateTable { name: "billing.moods".into(), table: moods },
        Change::DropTable { name: "orders".into() },
        Change::AddColumn { table: users(), column: full },
        Change::AddColumn {
            table: users(),
            column: Column { generated: Some(stored), ..Column::new("twice", "integer") },
        },
        Change::DropColumn { table: users(), column: "email".into(), refill: Some(sql("name")) },
        Change::DropColumn { table: users(), column: "age".into(), refill: None },
        Change::DropColumn { table: "orders".into(), column: "user_id".into(), refill: None },
        Change::SetDefault { table: users(), column: "name".into(), default: Some(sql("''")) },
        Change::SetDefault { table: users(), column: "age".into(), default: None },
        Change::SetNullable { table: users(), column: "email".into(), nullable: false },
        Change::SetNullable { table: users(), column: "name".into(), nullable: true },
        Change::AddConstraint {
            table: users(),
            constraint: Constraint::Unique(key("users_name_key", &["name", "email"])),
        },
        Change::AddConstraint {
            table: users(),
            constraint: Constraint::Check(check("users_email_check", "email LIKE '%@%'")),
        },
        Change::AddConstraint {
            table: users(),
            constraint: Constraint::ForeignKey(foreign_key("users_self_fkey", &["age"], "users")),
        },
        Change::DropConstraint { table: users(), constraint: "users_age_check".into() },
        Change::DropConstraint { table: "orders".into(), constraint: "orders_user_id_fkey".into() },
    ]
}

fn index_changes() -> Vec<Change> {
    let mut rich = index(&["name"]);
    rich.unique = true;
    rich.method = Some("gist".into());
    rich.include = names(&["age"]);
    rich.predicate = Some(sql("email IS NOT NULL"));
    rich.columns.push(IndexColumn {
        key: IndexKey::Expression(sql("lower(email)")),
        order: Order::Descending,
        nulls: Some(Nulls::Last),
        opclass: Some("text_pattern_ops".into()),
        terms: PartTerms::default(),
    });
    vec![
        Change::CreateIndex { table: "users".into(), name: "users_rich".into(), index: rich },
        Change::DropIndex { table: "users".into(), name: "users_email_idx".into() },
    ]
}

fn other_changes() -> Vec<Change> {
    let view =
        View { query: sql("SELECT id FROM orders"), columns: Vec::new(), materialized: false };
    let kept = View { materialized: true, ..view.clone() };
    let rows = DataChange {
        table: "orders".into(),
        key: Vec::new(),
        write: Write::InsertValues {
            columns: names(&["user_id", "note"]),
            rows: vec![vec![sql("1"), sql("'a'")], vec![sql("2"), sql("NULL")]],
        },
        condition: None,
        batch: Batch::default(),
    };
    let with = |write| Change::Write(DataChange { write, ..rows.clone() });
    let opaque = Opaque {
        text: "DO $$ BEGIN PERFORM f(); END $$".to_owned(),
        why: "it calls what may do anything".to_owned(),
        touches: vec![Touched { object: "users".into(), column: Some("name".into()) }],
        may: Vec::new(),
    };
    vec![
        Change::CreateEnum {
            name: "size".into(),
            values: EnumType { values: vec!["s".to_owned(), "it's l".to_owned()] },
        },
        Change::AddEnumValue { name: "mood".into(), value: "calm".to_owned(), place: None },
        Change::AddEnumValue {
            name: "mood".into(),
            value: "calm".to_owned(),
            place: Some(EnumPlace::Before("sad".to_owned())),
        },
        Change::DropEnum { name: "mood".into() },
        Change::CreateView { name: "late".into(), view: view.clone() },
        Change::CreateView { name: "late".into(), view: kept },
        Change::ReplaceView { name: "people".into(), view },
        Change::DropView { name: "people".into() },
        Change::CreateSync(columns_sync()),
        Change::CreateSync(tables_sync()),
        Change::Deprecate { table: "users".into(), column: None },
        Change::Deprecate { table: "users".into(), column: Some("age".into()) },
        Change::Write(update("users", "given", "name", "given IS NULL")),
        with(Write::Delete),
        with(Write::InsertSelect {
            columns: names(&["user_id"]),
            query: sql("SELECT id FROM users"),
        }),
        with(rows.write.clone()),
        with(Write::Copy {
            to: "users".into(),
            columns: vec![("name".into(), sql("note"))],
            overwrite: true,
        }),
        Change::Opaque(opaque),
    ]
}
