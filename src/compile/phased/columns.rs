//! Columns that come, go, or become something else.

use super::yaml::{Step, Yaml};
use super::{Columns, Draft, Place, named};
use crate::catalog::{Column, Generated, Identity, SqlExpression, Table};
use crate::dialect::Dialect;
use crate::dialects::{Hindrance, quote};
use crate::name::{Name, ObjectName};

impl Draft<'_> {
    /// Drafts what differs in the columns of a table.
    pub(super) fn columns(&mut self, name: &ObjectName, have: &Table, want: &Table) -> Columns {
        let mut columns = Columns::default();
        for column in &want.columns {
            match have.column(&column.name) {
                None => {
                    columns.added.insert(column.name.clone());
                    self.added(name, column);
                }
                Some(before) if self.widened(name, before, column) => {
                    self.changed(name, have, before, column);
                }
                Some(before) if before.sql_type != column.sql_type => {
                    if let Some(new) = self.retyped(name, have, before, column) {
                        columns.retyped.insert(column.name.clone(), new);
                    }
                }
                Some(before) => self.changed(name, have, before, column),
            }
        }
        for column in &have.columns {
            if want.column(&column.name).is_none() {
                columns.dropped.insert(column.name.clone());
                self.dropped(name, (have, want), column);
            }
        }
        columns
    }

    fn added(&mut self, table: &ObjectName, column: &Column) {
        if let Some(Generated::Identity(_)) = column.generated {
            self.unsaid(format!(
                "column `{table}.{}` numbers itself, which a column that is added cannot",
                column.name
            ));
            return;
        }
        let is_required = !column.may_be_left_out();
        let mut step = Step::new("add_column").with("table", named(table));
        let as_nullable = Column { nullable: column.nullable || is_required, ..column.clone() };
        step.fields.extend(fields(&as_nullable, "column", false));
        if matches!(column.generated, Some(Generated::Stored(_))) {
            step = step.note("The table is rewritten to fill it: see how large it is");
        }
        if column.default.is_some() {
            step = self.asks_of_default(table, &column.name, step);
        }
        self.put(Place::NewParts, step);
        if is_required {
            self.required(table, column);
        }
    }

    /// Drafts how a column that may be NULL comes to be required.
    fn required(&mut self, table: &ObjectName, column: &Column) {
        let name = &column.name;
        let own = quote(self.dialect, name);
        let fill = Step::new("update")
            .ask(format!(
                "what do the rows that are there get in `{table}.{name}`? Write it instead of VALUE and remove the `# `.\n\
                 The contract phase waits until no row has NULL there"
            ))
            .with("table", named(table))
            .with("set", Yaml::Map(vec![(name.to_string(), Yaml::text("VALUE"))]))
            .text("where", format!("{own} IS NULL"));
        self.put(Place::Fill, Step { waits: true, ..fill });
        self.plan.hindrances.push(Hindrance::Null { table: table.clone(), column: name.clone() });
        let step = Step::new("set_not_null").with("table", named(table)).text("column", name);
        let key = self.want.table(table).and_then(|of| of.primary_key.as_ref());
        let is_key = key.is_some_and(|key| key.columns.contains(name));
        // A primary key is made of it after that.
        self.put(if is_key { Place::Keys } else { Place::Restrict }, step);
    }

    fn changed(&mut self, table: &ObjectName, of: &Table, before: &Column, after: &Column) {
        let name = &after.name;
        let on = |key| Step::new(key).with("table", named(table)).text("column", name);
        if before.generated != after.generated && !self.same_generated(before, after) {
            self.unsaid(format!("how the values of column `{table}.{name}` are made is to change: no step does that; add another column"));
        }
        if before.collation != after.collation {
            self.unsaid(format!("the collation of column `{table}.{name}` is to change: no step does that; add another column"));
        }
        if before.comment != after.comment {
            self.comment(table, Some(name), after.comment.as_ref());
        }
        if !self.same_default(before, after) {
            match &after.default {
                Some(default) => {
                    let step = on("set_default").text("default", default);
                    // A constraint that is there may not let the default be.
                    let place = if is_bound(of, name) { Place::Restrict } else { Place::NewParts };
                    self.put(place, self.asks_of_default(table, name, step));
                }
                None => self.put(Place::Relax, on("drop_default")),
            }
        }
        let in_key = of.primary_key.as_ref().is_some_and(|key| key.columns.contains(name));
        match (before.nullable, after.nullable) {
            _ if in_key => {}
            (true, false) => self.required(table, after),
            (false, true) => self.put(Place::Relax, on("drop_not_null")),
            (true, true) | (false, false) => {}
        }
    }

    fn same_generated(&self, before: &Column, after: &Column) -> bool {
        match (&before.generated, &after.generated) {
            (Some(Generated::Stored(one)), Some(Generated::Stored(other)))
            | (Some(Generated::Virtual(one)), Some(Generated::Virtual(other))) => {
                self.same(one, other)
            }
            (_, _) => false,
        }
    }

    fn same_default(&self, before: &Column, after: &Column) -> bool {
        let (one, other) = (before.default.as_ref(), after.default.as_ref());
        // A literal is a value of the column's type, as which a server may write it otherwise.
        let typed =
            |of: &SqlExpression| SqlExpression::new(format!("CAST({of} AS {})", after.sql_type));
        let is_literal = |of: &SqlExpression| of.as_str().trim_start().starts_with('\'');
        let Some((one, other)) = one.zip(other) else { return one.is_none() && other.is_none() };
        self.same(one, other)
            || is_literal(one) && self.same(&typed(one), other)
            || is_literal(other) && self.same(one, &typed(other))
    }

    fn dropped(&mut self, table: &ObjectName, (have, want): (&Table, &Table), column: &Column) {
        let name = &column.name;
        if have.primary_key.as_ref().is_some_and(|key| key.columns.contains(name)) {
            self.unsaid(format!("column `{table}.{name}` of the primary key is to go: make a new table, and move the rows"));
            return;
        }
        let mut step =
            Step::new("deprecate_column").with("table", named(table)).text("column", name);
        for question in self.is_it_renamed(table, (have, want), column) {
            step = step.ask(question);
        }
        if !column.may_be_left_out() {
            step = step.ask(which_default(table, have, column));
        }
        self.put(Place::Retire, step);
        let step = Step::new("drop_column").with("table", named(table)).text("column", name);
        self.put(Place::OldColumns, step);
    }

    /// Asks whether a column that is to be in a constraint is to have a default too.
    fn asks_of_default(&self, table: &ObjectName, column: &Name, step: Step) -> Step {
        let is_bound = self.want.table(table).is_some_and(|of| is_bound(of, column));
        if !is_bound {
            return step;
        }
        step.ask(format!(
            "`{table}.{column}` is to have a default, and one value for all rows may not fit a unique column, a check or a foreign key.\n\
             Is it wanted?"
        ))
    }
}

/// Asks for the default of a required column that goes.
pub(super) fn which_default(table: &ObjectName, of: &Table, column: &Column) -> String {
    let name = &column.name;
    let question = format!(
        "releases that no longer write `{table}.{name}` need a default until it is gone. Which? Add `default: \"…\"`"
    );
    if is_bound(of, name) {
        return format!(
            "{question}.\nOne value for all rows does not fit a unique column or a foreign key: then drop its NOT NULL in the\ncontract phase of an earlier plan"
        );
    }
    question
}

/// Returns whether a constraint or a unique index may not let one value be in all rows of a column.
fn is_bound(of: &Table, name: &Name) -> bool {
    let lower = name.as_str().to_ascii_lowercase();
    of.uniques.iter().any(|key| key.columns.contains(name))
        || of.foreign_keys.iter().any(|key| key.columns.contains(name))
        || of
            .checks
            .iter()
            .any(|check| check.expression.as_str().to_ascii_lowercase().contains(&lower))
        || of.indexes.values().any(|index| {
            index.unique && index.columns.iter().any(|part| part.key.column() == Some(name))
        })
}

/// Returns the fields of a column, its name under the key `name`.
pub(super) fn fields(column: &Column, name: &str, is_key: bool) -> Vec<(String, Yaml)> {
    let mut fields = Vec::new();
    let mut add = |key: &str, value: Yaml| fields.push((key.to_owned(), value));
    add(name, Yaml::text(&column.name));
    add("type", Yaml::text(written_type(column)));
    let numbers = matches!(column.generated, Some(Generated::Identity(_)));
    if is_key {
        add("primary_key", Yaml::text("true"));
    } else if !column.nullable && !numbers {
        add("nullable", Yaml::text("false"));
    }
    if let Some(default) = &column.default {
        add("default", Yaml::text(default));
    }
    let way = match &column.generated {
        Some(Generated::Identity(Identity::Always | Identity::AutoIncrement)) => {
            Some(("identity", "always"))
        }
        Some(Generated::Identity(Identity::ByDefault)) => Some(("identity", "by_default")),
        Some(Generated::Stored(expression)) => Some(("stored", expression.as_str())),
        Some(Generated::Virtual(expression)) => Some(("virtual", expression.as_str())),
        Some(Generated::Identity(Identity::Serial | Identity::RowId)) | None => None,
    };
    if let Some((way, value)) = way {
        add("generated", Yaml::Map(vec![(way.to_owned(), Yaml::text(value))]));
    }
    if let Some(comment) = &column.comment {
        add("comment", Yaml::text(comment));
    }
    fields
}

/// Returns a column's type as a plan writes it.
fn written_type(column: &Column) -> String {
    let own = column.sql_type.0.as_str();
    let text = match (&column.generated, own) {
        (Some(Generated::Identity(Identity::Serial)), "smallint") => "smallserial",
        (Some(Generated::Identity(Identity::Serial)), "integer") => "serial",
        (Some(Generated::Identity(Identity::Serial)), "bigint") => "bigserial",
        (_, own) => own,
    };
    match &column.collation {
        Some(collation) => format!("{text} COLLATE \"{collation}\""),
        None => text.to_owned(),
    }
}

/// Returns whether the column may be kept in step with another by trigger while it is still there.
pub(super) fn may_be_synced(dialect: Dialect, column: &Column) -> bool {
    let is_free = column.default.is_none() && column.generated.is_none();
    is_free && (column.nullable || dialect == Dialect::Postgres)
}

/// Returns a name that no column of the table has.
pub(super) fn free_name(table: &Table, wanted: &Table, name: &Name) -> Name {
    let is_taken = |name: &Name| table.column(name).or_else(|| wanted.column(name)).is_some();
    let first = Name::new(format!("{name}_new"));
    let numbered = (2_u32..).map(|number| Name::new(format!("{name}_new{number}")));
    std::iter::once(first)
        .chain(numbered)
        .find(|name| !is_taken(name))
        .unwrap_or_else(|| name.clone())
}
