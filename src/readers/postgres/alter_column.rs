//! `ALTER TABLE … ALTER COLUMN`.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what reads a statement always says whether it could"
)]

use squawk_syntax::ast::{self, AstNode};

use super::names;
use super::reading::{Reading, Thing};
use super::shapes;
use crate::catalog::{Generated, Identity, ObjectKind, SqlExpression, SqlType};
use crate::change::{Change, Touched, Verb};
use crate::name::{Name, ObjectName};

/// Reads one action on a column.
pub(super) fn alter(
    reading: &mut Reading<'_>,
    on: &ObjectName,
    node: &ast::AlterColumn,
) -> Option<()> {
    use ast::AlterColumnOption as Option_;
    let column = names::of(&node.column_name_ref()?)?;
    let table = on.clone();
    let change = match node.option()? {
        Option_::SetDefault(set) => {
            let expr = set.expr()?;
            let of = reading.now().column(on, &column).map(|column| column.sql_type.clone());
            let of = of.unwrap_or_else(|| SqlType(String::new()));
            let is_none = shapes::is_no_default(&expr, &of);
            let default = (!is_none).then(|| shapes::expression(reading, &expr));
            return set_default(reading, node, on, column, default);
        }
        Option_::DropDefault(_) => return set_default(reading, node, on, column, None),
        Option_::SetNotNull(_) => Change::SetNullable { table, column, nullable: false },
        Option_::DropNotNull(_) => Change::SetNullable { table, column, nullable: true },
        Option_::SetType(set) => {
            let sql_type = shapes::sql_type(reading, &set.ty()?);
            let using = set.using_expr().and_then(|using| using.expr());
            let using = using.map(|using| shapes::expression(reading, &using));
            let collation = set.collate().as_ref().and_then(shapes::collation);
            Change::SetType { table, column, sql_type, using, collation }
        }
        Option_::AddGenerated(add) => {
            let generated = shapes::identity(add.generated_when().as_ref());
            Change::SetGenerated { table, column, generated }
        }
        Option_::DropIdentity(drop) => {
            let is = |generated: &Generated| matches!(generated, Generated::Identity(_));
            if drop.if_exists().is_some() && !is_generated(reading, on, &column, is) {
                return Some(());
            }
            Change::SetGenerated { table, column, generated: None }
        }
        Option_::DropExpression(drop) => {
            let is = |generated: &Generated| !matches!(generated, Generated::Identity(_));
            if drop.if_exists().is_some() && !is_generated(reading, on, &column, is) {
                return Some(());
            }
            Change::SetGenerated { table, column, generated: None }
        }
        Option_::SetExpression(set) => {
            let expression = shapes::expression(reading, &set.expr()?);
            let is_virtual = |generated: &Generated| matches!(generated, Generated::Virtual(_));
            let generated = Some(if is_generated(reading, on, &column, is_virtual) {
                Generated::Virtual(expression)
            } else {
                Generated::Stored(expression)
            });
            Change::SetGenerated { table, column, generated }
        }
        Option_::SetGenerated(set) => {
            let generated = shapes::identity(set.generated_when().as_ref());
            Change::SetGenerated { table, column, generated }
        }
        Option_::SetGeneratedOptions(options) => {
            let when = options.set_generated_options().find_map(|option| match option {
                ast::SetGeneratedOption::SetGenerated(set) => set.generated_when(),
                ast::SetGeneratedOption::SetSequenceOption(_)
                | ast::SetGeneratedOption::Restart(_) => None,
            });
            let generated = shapes::identity(when.as_ref());
            if generated.is_none() {
                property(reading, on, &column, node, ObjectKind::Sequence);
                return Some(());
            }
            Change::SetGenerated { table, column, generated }
        }
        Option_::Restart(_) | Option_::SetSequenceOption(_) => {
            property(reading, on, &column, node, ObjectKind::Sequence);
            return Some(());
        }
        Option_::SetStatistics(_) => {
            property(reading, on, &column, node, ObjectKind::Statistics);
            return Some(());
        }
        Option_::Inherit(_) | Option_::NoInherit(_) => {
            property(reading, on, &column, node, ObjectKind::Inheritance);
            return Some(());
        }
        Option_::SetOptionsList(_) => {
            property(reading, on, &column, node, ObjectKind::Foreign);
            return Some(());
        }
        Option_::SetOptions(_)
        | Option_::ResetOptions(_)
        | Option_::SetStorage(_)
        | Option_::SetCompression(_) => {
            property(reading, on, &column, node, ObjectKind::StorageParameter);
            return Some(());
        }
    };
    reading.change(node.syntax(), change);
    Some(())
}

fn property(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    column: &Name,
    node: &ast::AlterColumn,
    kind: ObjectKind,
) {
    let touched = Touched { object: table.clone(), column: Some(column.clone()) };
    let thing = Thing::new(Verb::Alter, kind).on(table.clone()).touching(vec![touched]);
    reading.other(node.syntax(), thing);
}

fn is_generated(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    column: &Name,
    is: impl Fn(&Generated) -> bool,
) -> bool {
    let column = reading.now().column(table, column);
    column.and_then(|column| column.generated.as_ref()).is_some_and(is)
}

/// A serial is a default on a sequence of its own: without that default it is none, and with it a plain column is one.
fn set_default(
    reading: &mut Reading<'_>,
    node: &ast::AlterColumn,
    table: &ObjectName,
    column: Name,
    default: Option<SqlExpression>,
) -> Option<()> {
    let numbered =
        default.as_ref().is_some_and(|default| is_own_sequence(reading, table, &column, default));
    let table = table.clone();
    let serial = Generated::Identity(Identity::Serial);
    let was_serial = is_generated(reading, &table, &column, |generated| *generated == serial);
    let change = if numbered || (was_serial && default.is_none()) {
        let generated = numbered.then_some(serial);
        Change::SetGenerated { table, column, generated }
    } else {
        Change::SetDefault { table, column, default }
    };
    reading.change(node.syntax(), change);
    Some(())
}

/// Returns whether a default takes its numbers from the sequence that this column owns: one named after it that
/// the catalog does not list, as it does all that nobody owns.
fn is_own_sequence(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    column: &Name,
    default: &SqlExpression,
) -> bool {
    let Some(sequence) = super::sequence::next_of(reading, default) else { return false };
    let owned = format!("{}_{column}_seq", table.name);
    sequence.schema == table.schema
        && sequence.name.as_str() == owned
        && !reading.now().sequences.contains(&sequence)
}
