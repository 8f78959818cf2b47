//! The trigger function that keeps columns of one table in step.
//!
//! A BEFORE trigger: what it fills is there before NOT NULL is checked, so it also stands in for a column
//! that a release no longer writes.

use std::collections::BTreeSet;

use super::{differ, field, quote, value};
use crate::catalog::{Catalog, SqlExpression};
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};

/// Columns of one side with their values from the other side.
#[derive(Clone, Copy)]
struct Side<'a> {
    /// Begins the names of its variables.
    word: &'static str,
    /// The table.
    table: &'a ObjectName,
    /// Column and value.
    columns: &'a [(Name, SqlExpression)],
}

impl Side<'_> {
    /// Returns its columns as they are in a row.
    fn fields(&self, row: &'static str) -> impl Iterator<Item = String> {
        self.columns.iter().map(move |(column, _)| field(row, column))
    }

    /// Returns the values that its columns should have, computed from a row.
    fn values(&self, row: &'static str) -> impl Iterator<Item = String> {
        self.columns.iter().map(move |(_, expression)| value(expression, row, self.table))
    }

    /// Returns the names of its variables.
    fn variables(&self) -> impl Iterator<Item = String> {
        (1..=self.columns.len()).map(move |number| format!("planner_{}_{number}", self.word))
    }

    /// Declares its variables, each of its column's type.
    fn declarations(&self) -> Vec<String> {
        let table = quote::object(self.table);
        let columns = self.columns.iter().map(|(column, _)| quote::quote(column));
        self.variables()
            .zip(columns)
            .map(|(variable, column)| format!("  {variable} {table}.{column}%TYPE;"))
            .collect()
    }

    /// Computes its variables from the new row.
    fn compute(&self) -> Vec<String> {
        self.variables()
            .zip(self.values("NEW"))
            .map(|(variable, value)| format!("{variable} := {value};"))
            .collect()
    }

    /// Computes its variables, then gives them to its columns: no value is computed from a changed row.
    fn fill(&self) -> Vec<String> {
        let mut lines = self.compute();
        lines.extend(self.give());
        lines
    }

    /// Gives its variables to its columns.
    fn give(&self) -> impl Iterator<Item = String> {
        self.fields("NEW")
            .zip(self.variables())
            .map(|(field, variable)| format!("{field} := {variable};"))
    }

    /// Tells whether all its columns are NULL in the new row.
    fn is_null(&self) -> String {
        let parts: Vec<_> = self.fields("NEW").map(|field| format!("{field} IS NULL")).collect();
        parts.join(" AND ")
    }

    /// Tells whether its columns differ between the old and the new row.
    fn changed(&self) -> String {
        if self.columns.is_empty() {
            return "false".to_owned();
        }
        differ(self.fields("NEW"), self.fields("OLD"))
    }
}

/// Writes the body of the function.
pub(super) fn write(
    catalog: &Catalog,
    table: &ObjectName,
    forward: &[(Name, SqlExpression)],
    backward: &[(Name, SqlExpression)],
) -> String {
    let new = Side { word: "forward", table, columns: forward };
    let old = Side { word: "backward", table, columns: backward };
    let mut lines = vec![String::new(), "#variable_conflict use_column".into(), "DECLARE".into()];
    lines.push("  planner_old_changed boolean;".into());
    lines.push("  planner_new_changed boolean;".into());
    lines.extend(new.declarations());
    lines.extend(old.declarations());
    lines.push("BEGIN".into());
    lines.push("  IF TG_OP = 'INSERT' THEN".into());
    lines.extend(indent(4, on_insert(catalog, new, old)));
    lines.push("    RETURN NEW;".into());
    lines.push("  END IF;".into());
    lines.extend(indent(2, on_update(new, old)));
    lines.push("  RETURN NEW;".into());
    lines.push("END\n".into());
    lines.join("\n")
}

/// On insert, the side that is NULL is computed from the other. Where both are, the writer left the row empty;
/// only what may not be NULL is then computed backward.
fn on_insert(catalog: &Catalog, new: Side<'_>, old: Side<'_>) -> Vec<String> {
    if new.columns.is_empty() {
        return branch(&format!("IF {} THEN", old.is_null()), old.fill(), &["END IF;".to_owned()]);
    }
    let mut when_new_is_null = Vec::new();
    let required = required(catalog, old);
    let old_was_empty = !required.is_empty();
    if old_was_empty {
        when_new_is_null.push(format!("planner_old_changed := NOT ({});", old.is_null()));
    }
    when_new_is_null.extend(new.fill());
    if old_was_empty {
        let required = Side { columns: &required, ..old };
        when_new_is_null.extend(branch(
            "IF NOT planner_old_changed THEN",
            required.fill(),
            &["END IF;".to_owned()],
        ));
    }
    let mut rest = Vec::new();
    if !old.columns.is_empty() {
        rest.push(format!("ELSIF {} THEN", old.is_null()));
        rest.extend(indent(2, old.fill()));
    }
    rest.push("END IF;".to_owned());
    branch(&format!("IF {} THEN", new.is_null()), when_new_is_null, &rest)
}

/// On update, the side that did not change is computed from the one that did; nothing happens if both
/// changed, or if the new side is what the old side makes it, so that a backfill is not answered.
fn on_update(new: Side<'_>, old: Side<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("planner_old_changed := {};", old.changed()),
        format!("planner_new_changed := {};", new.changed()),
    ];
    // Columns beside the two sides that the values depend on count as a part of the side they make.
    if depends_on_others(new, old) {
        lines.extend(other_columns("planner_old_changed", new));
    } else if new.columns.is_empty() {
        lines.extend(other_columns("planner_new_changed", old));
    }
    let mut branches = Vec::new();
    if !new.columns.is_empty() {
        branches.push(("planner_old_changed AND NOT planner_new_changed", new.fill()));
    }
    if !old.columns.is_empty() {
        let answer = if new.columns.is_empty() {
            old.fill()
        } else {
            let mut lines = new.compute();
            let end = ["END IF;".to_owned()];
            let mut inside = complete(new);
            inside.extend(old.fill());
            lines.extend(branch(&format!("IF {} THEN", disagrees(new)), inside, &end));
            lines
        };
        branches.push(("planner_new_changed AND NOT planner_old_changed", answer));
    }
    for (condition, inside) in branches {
        let end = ["END IF;".to_owned()];
        lines.extend(branch(&format!("IF {condition} THEN"), inside, &end));
    }
    lines
}

/// Tells whether a column of the new side was given another value than the old side makes it. Only columns that
/// changed are looked at: a backfill may fill one column now and another later.
fn disagrees(new: Side<'_>) -> String {
    let one = |(field, variable): (String, String)| differ([field], [variable]);
    let disagree = new.fields("NEW").zip(new.variables()).map(one);
    if let [_] = new.columns {
        return disagree.collect();
    }
    let changed = new.fields("NEW").zip(new.fields("OLD")).map(one);
    let both: Vec<String> = changed
        .zip(disagree)
        .map(|(changed, differs)| format!("({changed} AND {differs})"))
        .collect();
    both.join(" OR ")
}

/// Completes a new side that was not filled yet when one of its columns is written, so that the answer does not
/// take the empty ones for the truth.
fn complete(new: Side<'_>) -> Vec<String> {
    if new.columns.len() < 2 {
        return Vec::new();
    }
    let fill = new.fields("NEW").zip(new.variables());
    let fill = fill.map(|(field, value)| format!("{field} := coalesce({field}, {value});"));
    let empty: Vec<String> = new.fields("OLD").map(|field| format!("{field} IS NULL")).collect();
    branch(&format!("IF {} THEN", empty.join(" AND ")), fill.collect(), &["END IF;".to_owned()])
}

/// Writes that a side's source counts as changed, too, when neither side changed but what its values are
/// computed from did.
fn other_columns(variable: &str, side: Side<'_>) -> Vec<String> {
    let differ = differ(side.values("NEW"), side.values("OLD"));
    branch(
        "IF NOT planner_old_changed AND NOT planner_new_changed THEN",
        vec![format!("{variable} := {differ};")],
        &["END IF;".to_owned()],
    )
}

/// Returns whether the new side's values may depend on columns that the old side does not name. What cannot
/// be told counts as yes, which costs two evaluations an update and nothing else.
fn depends_on_others(new: Side<'_>, old: Side<'_>) -> bool {
    let known: BTreeSet<&str> = old.columns.iter().map(|(column, _)| column.as_str()).collect();
    new.columns.iter().any(|(_, expression)| {
        expressions::expression(Dialect::Postgres, expression.as_str()).map_or(true, |expression| {
            expression.has_subquery
                || expression.columns.iter().any(|column| !known.contains(column.name.as_str()))
        })
    })
}

/// Returns the columns of a side that may not be NULL.
fn required(catalog: &Catalog, side: Side<'_>) -> Vec<(Name, SqlExpression)> {
    let may_not_be_null =
        |column: &Name| catalog.column(side.table, column).is_some_and(|column| !column.nullable);
    side.columns.iter().filter(|(column, _)| may_not_be_null(column)).cloned().collect()
}

/// Writes lines between a head and an end.
fn branch(head: &str, inside: Vec<String>, end: &[String]) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    lines.extend(indent(2, inside));
    lines.extend(end.iter().cloned());
    lines
}

/// Moves lines to the right.
fn indent(width: usize, lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(move |line| format!("{:width$}{line}", ""))
}
