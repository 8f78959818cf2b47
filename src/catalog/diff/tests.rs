//! Every kind of difference is told.

use std::sync::Arc;

use super::*;
use crate::catalog::{
    Check, EnumType, ForeignKey, Identity, IndexColumn, IndexTerms, Key, Nulls, Order, PartTerms,
    ReferenceTerms, ReferentialAction, SqlType, Trigger,
};
use crate::dialect::Dialect;

fn exactly(one: &SqlExpression, other: &SqlExpression) -> bool {
    one == other
}

fn part(name: &str) -> IndexColumn {
    IndexColumn {
        key: IndexKey::Column(name.into()),
        order: Order::Ascending,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    }
}

fn catalog() -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let mut name = Column::new("name", "text");
    name.default = Some(SqlExpression::new("'x'"));
    let key = |name: &str, column: &str| Key::new(name.into(), vec![column.into()]);
    let index = Index {
        columns: vec![part("name")],
        unique: false,
        predicate: Some(SqlExpression::new("name <> ''")),
        method: None,
        include: vec!["id".into()],
        valid: true,
        terms: IndexTerms::default(),
    };
    let users = Table {
        columns: vec![Column::new("id", "bigint"), name],
        primary_key: Some(key("users_pkey", "id")),
        uniques: vec![key("users_name_key", "name")],
        checks: vec![Check {
            name: "named".into(),
            expression: SqlExpression::new("name <> 'a'"),
            validated: true,
            no_inherit: false,
        }],
        foreign_keys: vec![ForeignKey {
            name: "users_fkey".into(),
            columns: vec!["id".into()],
            references: "users".into(),
            referenced_columns: vec!["id".into()],
            on_delete: ReferentialAction::Cascade,
            on_update: ReferentialAction::NoAction,
            validated: true,
            terms: ReferenceTerms::default(),
        }],
        indexes: [("users_idx".into(), index)].into(),
        triggers: [("kept".into(), Trigger { definition: Some("CREATE  TRIGGER kept".into()) })]
            .into(),
        ..Table::default()
    };
    catalog.tables.insert("users".into(), Arc::new(users));
    let view = View {
        query: SqlExpression::new("SELECT 1 AS one"),
        columns: vec!["one".into()],
        materialized: false,
    };
    catalog.views.insert("ones".into(), view);
    catalog.enums.insert("mood".into(), EnumType { values: vec!["sad".into(), "glad".into()] });
    catalog.sequences.insert("numbers".into());
    catalog.functions.insert("planner_sync_x".into());
    catalog
}

/// Returns the differences after a change of the found catalog, one line each.
fn told(change: impl FnOnce(&mut Catalog)) -> Vec<String> {
    let mut found = catalog();
    change(&mut found);
    let word = |text: Option<String>| text.unwrap_or_else(|| "nothing".to_owned());
    let differences = diff(&catalog(), &found, &exactly);
    differences
        .into_iter()
        .map(|d| format!("{}: {} / {}", d.object, word(d.expected), word(d.found)))
        .collect()
}

fn told_of_table(change: impl FnOnce(&mut Table)) -> Vec<String> {
    told(|catalog| change(catalog.table_mut(&"users".into()).unwrap()))
}

#[test]
fn equal_catalogs_do_not_differ() {
    assert_eq!(told(|_| {}), [""; 0]);
    let reordered = |table: &mut Table| table.columns.reverse();
    assert_eq!(told_of_table(reordered), [""; 0]);
    let unknown = |table: &mut Table| {
        table.triggers.insert("kept".into(), Trigger { definition: None });
    };
    assert_eq!(told_of_table(unknown), [""; 0]);
    let spaced = |table: &mut Table| {
        let definition = Some("CREATE TRIGGER\n kept".into());
        table.triggers.insert("kept".into(), Trigger { definition });
    };
    assert_eq!(told_of_table(spaced), [""; 0]);
}

#[test]
fn what_is_missing_and_what_is_too_much_is_told() {
    let renamed = |catalog: &mut Catalog| {
        let users = catalog.tables.remove(&ObjectName::bare("users")).unwrap();
        catalog.tables.insert("billing.users".into(), users);
    };
    assert_eq!(
        told(renamed),
        [
            "table `users`: with columns `id`, `name` / nothing",
            "table `billing.users`: nothing / with columns `id`, `name`"
        ]
    );
    assert_eq!(told(|c| c.views.clear()), ["view `ones`: as `SELECT 1 AS one` / nothing"]);
    assert_eq!(told(|c| c.enums.clear()), ["enum `mood`: with values `sad`, `glad` / nothing"]);
    assert_eq!(told(|c| c.sequences.clear()), ["sequence `numbers`: there / nothing"]);
    assert_eq!(told(|c| c.functions.clear()), ["function `planner_sync_x`: there / nothing"]);
    assert_eq!(
        told_of_table(|t| t.columns.push(Column::new("x", "date"))),
        ["column `users.x`: nothing / of type `date`, nullable"]
    );
    assert_eq!(
        told_of_table(|t| {
            t.columns.pop();
        }),
        ["column `users.name`: of type `text`, nullable, default `'x'` / nothing"]
    );
    assert_eq!(
        told_of_table(|t| t.triggers.clear()),
        ["trigger `kept` on `users`: there / nothing"]
    );
    assert_eq!(
        told_of_table(|t| t.uniques.clear()),
        ["unique constraint `users_name_key` on `users`: on `name` / nothing"]
    );
    assert_eq!(
        told_of_table(|t| t.checks.clear()),
        ["check `named` on `users`: `name <> 'a'` / nothing"]
    );
    assert_eq!(
        told_of_table(|t| t.foreign_keys.clear()),
        [
            "foreign key `users_fkey` on `users`: on `id` to `id` of `users` on delete cascade / nothing"
        ]
    );
    assert_eq!(
        told_of_table(|t| t.primary_key = None),
        ["primary key of `users`: `users_pkey` on `id` / nothing"]
    );
    assert_eq!(
        told_of_table(|t| t.indexes.clear()),
        ["index `users_idx` on `users`: on `name` including `id` where `name <> ''` / nothing"]
    );
}

#[test]
fn every_property_of_a_column_is_compared() {
    let told =
        |change: fn(&mut Column)| told_of_table(|t| change(t.column_mut(&"name".into()).unwrap()));
    assert_eq!(
        told(|c| c.sql_type = SqlType("integer".into())),
        ["column `users.name`: of type `text` / of type `integer`"]
    );
    assert_eq!(told(|c| c.nullable = false), ["column `users.name`: nullable / not null"]);
    assert_eq!(told(|c| c.default = None), ["column `users.name`: default `'x'` / no default"]);
    assert_eq!(
        told(|c| c.default = Some(SqlExpression::new("'y'"))),
        ["column `users.name`: default `'x'` / default `'y'`"]
    );
    assert_eq!(
        told(|c| c.generated = Some(Generated::Identity(Identity::Always))),
        ["column `users.name`: not generated / numbered by the database always"]
    );
    assert_eq!(
        told(|c| c.generated = Some(Generated::Stored(SqlExpression::new("1")))),
        ["column `users.name`: not generated / generated as `1`, stored"]
    );
    assert_eq!(
        told(|c| c.collation = Some("C".into())),
        ["column `users.name`: no collation of its own / collation `C`"]
    );
    assert_eq!(
        told(|c| c.comment = Some("hm".into())),
        ["column `users.name`: no comment / comment `hm`"]
    );
}

#[test]
fn every_property_of_other_objects_is_compared() {
    let index = |change: fn(&mut Index)| {
        told_of_table(|t| change(t.indexes.get_mut("users_idx").unwrap())).len()
    };
    assert_eq!(index(|i| i.unique = true), 1);
    assert_eq!(index(|i| i.valid = false), 1);
    assert_eq!(index(|i| i.predicate = None), 1);
    assert_eq!(index(|i| i.method = Some("gin".into())), 1);
    assert_eq!(index(|i| i.include.clear()), 1);
    assert_eq!(index(|i| i.columns.push(part("id"))), 1);
    assert_eq!(index(|i| i.columns[0].order = Order::Descending), 1);
    assert_eq!(index(|i| i.columns[0].nulls = Some(Nulls::First)), 1);
    assert_eq!(index(|i| i.columns[0].opclass = Some("x".into())), 1);
    assert_eq!(index(|i| i.columns[0].key = IndexKey::Expression(SqlExpression::new("name"))), 1);
    let key = |change: fn(&mut ForeignKey)| told_of_table(|t| change(&mut t.foreign_keys[0])).len();
    assert_eq!(key(|k| k.validated = false), 1);
    assert_eq!(key(|k| k.on_update = ReferentialAction::SetNull), 1);
    assert_eq!(key(|k| k.references = "others".into()), 1);
    assert_eq!(key(|k| k.referenced_columns = vec!["x".into()]), 1);
    assert_eq!(told_of_table(|t| t.checks[0].validated = false).len(), 1);
    assert_eq!(told_of_table(|t| t.checks[0].expression = SqlExpression::new("true")).len(), 1);
    assert_eq!(told_of_table(|t| t.uniques[0].columns.push("id".into())).len(), 1);
    assert_eq!(told_of_table(|t| t.primary_key.as_mut().unwrap().name = "pk".into()).len(), 1);
    assert_eq!(told_of_table(|t| t.strict = true).len(), 1);
    assert_eq!(told_of_table(|t| t.without_rowid = true).len(), 1);
    assert_eq!(told_of_table(|t| t.comment = Some("x".into())).len(), 1);
    assert_eq!(told(|c| c.enums.get_mut(&"mood".into()).unwrap().values.reverse()).len(), 1);
    let view =
        |change: fn(&mut View)| told(|c| change(c.views.get_mut(&"ones".into()).unwrap())).len();
    assert_eq!(view(|v| v.materialized = true), 1);
    assert_eq!(view(|v| v.query = SqlExpression::new("SELECT 2 AS one")), 1);
    assert_eq!(view(|v| v.columns = vec!["two".into()]), 1);
    assert_eq!(view(|v| v.columns.clear()), 0, "a prediction may not know them");
}

#[test]
fn a_trigger_is_the_same_however_the_server_writes_it() {
    let one = "CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW WHEN (NEW.a <> 'A (b)') EXECUTE PROCEDURE f()";
    let other = "CREATE TRIGGER t BEFORE UPDATE ON public.\"users\" FOR EACH ROW\n WHEN ((new.a <> 'A (b)')) EXECUTE FUNCTION f()";
    assert_eq!(words::trigger(one), words::trigger(other));
    let typed = other.replace("'A (b)'", "'A (b)'::character varying");
    assert_eq!(words::trigger(one), words::trigger(&typed));
    assert_ne!(words::trigger(one), words::trigger(&other.replace("'A (b)'", "'a (b)'")));
}
