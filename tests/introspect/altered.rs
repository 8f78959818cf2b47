//! Renames, other types, sequences, triggers …: each forward, back and forward again, and what it predicts is what the
//! engine has each time.

use diesel::connection::SimpleConnection;
use planner::catalog::diff::diff;
use planner::catalog::{
    Catalog, Check, Deferral, EnumType, Generated, Identity, Index, IndexKey, Order, SqlExpression,
    SqlType, Trigger, View,
};
use planner::change::apply::apply;
use planner::change::invert::invert;
use planner::change::{Change, Constraint, ObjectKind, Other, Verb};
use planner::database::introspect::{postgres, sqlite};
use planner::dialect::Dialect;
use planner::dialects::{RenderContext, Transaction, normalize_type, render};
use planner::expressions::same_expression;
use planner::name::{Name, ObjectName};

use super::predicted::{column, index, key, part, posts, users};
use crate::support::{ScratchPostgres, ScratchSqlite};

fn text(text: &str) -> SqlExpression {
    SqlExpression::new(text)
}

fn view(query: &str, columns: &[&str]) -> View {
    let columns = columns.iter().map(|name| Name::from(*name)).collect();
    View { query: text(query), columns, materialized: false }
}

fn by(name: &str, unique: bool) -> Index {
    index(vec![part(IndexKey::Column(name.into()), Order::Ascending, None)], unique, None)
}

fn trigger(definition: &str) -> Trigger {
    Trigger { definition: Some(definition.to_owned()) }
}

fn rename_column(table: &str, from: &str, to: &str) -> Change {
    Change::RenameColumn { table: table.into(), from: from.into(), to: to.into() }
}

fn rename_table(from: &str, to: &str) -> Change {
    Change::RenameTable { from: from.into(), to: to.into() }
}

fn rename_index(table: &str, from: &str, to: &str) -> Change {
    Change::RenameIndex { table: table.into(), from: from.into(), to: to.into() }
}

fn rename_constraint(table: &str, from: &str, to: &str) -> Change {
    Change::RenameConstraint { table: table.into(), from: from.into(), to: to.into() }
}

fn add_constraint(table: &str, constraint: Constraint) -> Change {
    Change::AddConstraint { table: table.into(), constraint }
}

fn set_type(dialect: Dialect, table: &str, column: &str, sql_type: &str) -> Change {
    Change::SetType {
        table: table.into(),
        column: column.into(),
        sql_type: normalize_type(dialect, sql_type),
        using: None,
        collation: None,
    }
}

fn set_generated(table: &str, column: &str, generated: Option<Generated>) -> Change {
    Change::SetGenerated { table: table.into(), column: column.into(), generated }
}

/// Two tables, one of which refers to the other, with views, checks, indexes and a generated column over the columns that are
/// going to be renamed; and a table without a key.
fn ground(dialect: Dialect) -> Vec<Change> {
    let lower = part(IndexKey::Expression(text("lower(name)")), Order::Ascending, None);
    let mut tags = planner::catalog::Table::default();
    for (name, sql_type) in [("id", "integer"), ("label", "varchar(20)"), ("rank", "integer")] {
        tags.columns.push(column(dialect, name, sql_type));
    }
    let create_index = |table: &str, name: &str, index: Index| Change::CreateIndex {
        table: table.into(),
        name: name.into(),
        index,
    };
    vec![
        Change::CreateTable { name: "users".into(), table: users(dialect) },
        Change::CreateTable { name: "posts".into(), table: posts(dialect) },
        Change::CreateTable { name: "tags".into(), table: tags },
        create_index("users", "users_lower_idx", index(vec![lower], false, Some("name <> 'x'"))),
        create_index("tags", "tags_rank_idx", by("rank", true)),
        create_index("tags", "tags_id_idx", by("id", true)),
        Change::CreateView {
            name: "pricey".into(),
            view: view(
                "SELECT users.id, name FROM users WHERE price > 1 AND name <> 'name'",
                &["id", "name"],
            ),
        },
        Change::CreateView {
            name: "authors".into(),
            view: view(
                "SELECT u.name AS author, p.title FROM posts AS p JOIN users AS u ON u.id = p.user_id",
                &["author", "title"],
            ),
        },
    ]
}

fn on_both(dialect: Dialect) -> Vec<Change> {
    let trigger_text = match dialect {
        Dialect::Postgres => {
            "CREATE TRIGGER bump BEFORE UPDATE OF title ON public.posts FOR EACH ROW WHEN ((old.title IS DISTINCT FROM \
             new.title)) EXECUTE FUNCTION bump()"
        }
        Dialect::Sqlite => {
            "CREATE TRIGGER bump AFTER UPDATE OF title ON posts WHEN NEW.title <> OLD.title BEGIN SELECT NEW.title; END"
        }
    };
    vec![
        Change::CreateTrigger {
            table: "posts".into(),
            name: "bump".into(),
            trigger: trigger(trigger_text),
        },
        rename_column("posts", "title", "headline"),
        rename_table("posts", "articles"),
        Change::DropTrigger { table: "articles".into(), name: "bump".into() },
        rename_column("users", "name", "Full name"),
        rename_column("users", "Full name", "called"),
        rename_column("users", "id", "user_id"),
        rename_table("users", "people"),
        rename_constraint("people", "users_name_check", "people_check"),
        rename_constraint("people", "users_name_price_key", "people_called_price_key"),
        rename_constraint("articles", "posts_user_id_fkey", "articles_user"),
        rename_index("people", "users_lower_idx", "people_lower_idx"),
        set_type(dialect, "tags", "label", "text"),
        set_type(dialect, "tags", "label", "varchar(40)"),
        add_constraint("tags", Constraint::Primary(key("tags_pkey", &["label"]))),
        Change::DropConstraint { table: "tags".into(), constraint: "tags_pkey".into() },
    ]
}

fn on_postgres() -> Vec<Change> {
    let not_checked = Check {
        name: "tags_rank_check".into(),
        expression: text("rank > 0"),
        validated: false,
        no_inherit: false,
    };
    let using = |name: &str, index: &str, primary| Constraint::UsingIndex {
        name: name.into(),
        index: index.into(),
        primary,
        deferral: Deferral::Never,
    };
    let other = |verb, kind, name: &str, on: Option<&str>, statement: &str| {
        let on = on.map(ObjectName::from);
        let (name, text) = (Some(name.into()), statement.to_owned());
        Change::Other(Other { verb, kind, name, on, text, touches: Vec::new(), domain: None })
    };
    let comment = |comment: Option<&str>| Change::SetComment {
        table: "tags".into(),
        column: Some("rank".into()),
        comment: comment.map(str::to_owned),
    };
    let mut mood = column(Dialect::Postgres, "mood", "mood");
    mood.default = Some(text("'it''s fine'::mood"));
    let moody = Check {
        name: "tags_mood_check".into(),
        expression: text("mood <> 'bad'::mood"),
        validated: true,
        no_inherit: false,
    };
    let mut number = column(Dialect::Postgres, "number", "bigint");
    number.default = Some(text("nextval('numbers'::regclass)"));
    let sequence =
        |from: &str, to: &str| Change::RenameSequence { from: from.into(), to: to.into() };
    let rename_value = |from: &str, to: &str| Change::RenameEnumValue {
        name: "mood".into(),
        from: from.into(),
        to: to.into(),
    };
    vec![
        add_constraint("tags", Constraint::Check(not_checked)),
        Change::ValidateConstraint { table: "tags".into(), constraint: "tags_rank_check".into() },
        Change::ValidateConstraint { table: "tags".into(), constraint: "tags_rank_check".into() },
        add_constraint("tags", using("tags_rank_key", "tags_rank_idx", false)),
        add_constraint("tags", using("tags_id_idx", "tags_id_idx", true)),
        set_generated("tags", "id", Some(Generated::Identity(Identity::ByDefault))),
        set_generated("tags", "id", Some(Generated::Identity(Identity::Always))),
        set_generated("tags", "id", None),
        set_generated("people", "user_id", None),
        comment(Some("it's a rank")),
        comment(None),
        set_type(Dialect::Postgres, "tags", "rank", "bigint"),
        Change::CreateEnum {
            name: "mood".into(),
            values: EnumType { values: vec!["it's fine".to_owned(), "bad".to_owned()] },
        },
        Change::AddColumn { table: "tags".into(), column: mood },
        add_constraint("tags", Constraint::Check(moody)),
        rename_value("bad", "it's bad"),
        rename_value("it's fine", "fine"),
        Change::RenameEnum { from: "mood".into(), to: "feeling".into() },
        Change::CreateSequence { name: "numbers".into() },
        Change::AddColumn { table: "tags".into(), column: number },
        other(Verb::Create, ObjectKind::Schema, "app", None, "CREATE SCHEMA app"),
        sequence("numbers", "app.counts"),
        sequence("app.counts", "app.Counts"),
        rename_table("tags", "app.labels"),
        Change::RenameEnum { from: "feeling".into(), to: "app.Mood".into() },
        rename_table("authors", "writers"),
        rename_column("writers", "author", "writer"),
        other(
            Verb::Create,
            ObjectKind::Policy,
            "own",
            Some("people"),
            "CREATE POLICY own ON people USING (true)",
        ),
    ]
}

fn on_sqlite() -> Vec<Change> {
    let stored = || Some(Generated::Stored(text("length(called) + 2")));
    vec![
        set_generated("people", "price", stored()),
        set_generated("people", "total", None),
        add_constraint("tags", Constraint::Primary(key("tags_pkey", &["id"]))),
    ]
}

struct Engine<'a> {
    dialect: Dialect,
    run: &'a mut dyn FnMut(&str),
    read: &'a mut dyn FnMut() -> Catalog,
}

impl Engine<'_> {
    fn is(&mut self, predicted: &Catalog, when: &str) {
        let dialect = self.dialect;
        let same =
            |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
        assert_eq!(diff(predicted, &(self.read)(), &same), [], "{when}");
    }

    /// Goes forward, back where there is a way, and forward again.
    fn take(&mut self, change: &Change, catalog: &mut Catalog) {
        let context = RenderContext { before: catalog, fresh_table: false, lock_timeout_ms: 1_000 };
        let script = render(change, &context).unwrap_or_else(|why| panic!("{change:?}: {why}"));
        let mut after = catalog.clone();
        apply(change, &mut after).unwrap_or_else(|error| panic!("{change:?}: {error}"));
        self.forward(&script.groups);
        self.is(&after, &format!("after {change:?}"));
        if script.groups.iter().all(|group| group.undo.is_ok()) {
            for group in script.groups.iter().rev() {
                for statement in group.undo.iter().flatten() {
                    (self.run)(statement);
                }
            }
            self.is(catalog, &format!("after undoing {change:?}"));
            let mut undone = after.clone();
            for undo in invert(change, catalog).unwrap() {
                apply(&undo, &mut undone).unwrap_or_else(|error| panic!("{undo:?}: {error}"));
            }
            let dialect = self.dialect;
            let same =
                |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
            assert_eq!(diff(catalog, &undone, &same), [], "{change:?} and back");
            self.forward(&script.groups);
            self.is(&after, &format!("after {change:?} once more"));
        } else {
            assert!(invert(change, catalog).is_err(), "{change:?}");
        }
        *catalog = after;
    }

    fn forward(&mut self, groups: &[planner::dialects::Group]) {
        for group in groups {
            assert!(group.transaction != Transaction::Shared || !group.statements.is_empty());
            group.statements.iter().for_each(|statement| (self.run)(statement));
        }
    }
}

#[test]
fn what_renames_and_alterations_predict_is_what_postgresql_has() {
    let database = ScratchPostgres::new();
    let mut writer = database.connect();
    let mut reader = database.connect();
    writer
        .batch_execute(
            "CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        )
        .unwrap();
    let mut engine = Engine {
        dialect: Dialect::Postgres,
        run: &mut |sql| writer.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}")),
        read: &mut || postgres::read(&mut reader).unwrap(),
    };
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let changes = ground(Dialect::Postgres).into_iter().chain(on_both(Dialect::Postgres));
    for change in changes.chain(on_postgres()) {
        engine.take(&change, &mut catalog);
    }
    let policy = (ObjectKind::Policy, ObjectName::from("own"));
    assert_eq!(catalog.others.get(&policy), Some(&Some("people".into())));
}

#[test]
fn what_renames_and_alterations_predict_is_what_sqlite_has() {
    let database = ScratchSqlite::new();
    let mut writer = database.connect();
    let mut reader = database.connect();
    writer.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    let mut engine = Engine {
        dialect: Dialect::Sqlite,
        run: &mut |sql| writer.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}")),
        read: &mut || sqlite::read(&mut reader).unwrap(),
    };
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    let changes = ground(Dialect::Sqlite).into_iter().chain(on_both(Dialect::Sqlite));
    for change in changes.chain(on_sqlite()) {
        engine.take(&change, &mut catalog);
    }
}

#[test]
fn a_type_is_said_as_the_server_does() {
    assert_eq!(
        normalize_type(Dialect::Postgres, "varchar(40)"),
        SqlType("character varying(40)".into())
    );
}
