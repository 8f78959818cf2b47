//! What a column is: its type, how its value is made, its comment; and whether a constraint holds for old rows.

use super::columns::alter;
use super::{constraints, group, quote};
use crate::catalog::{Generated, Identity, SqlExpression, SqlType};
use crate::dialects::{Refusal, RenderContext, Script};
use crate::name::{Name, ObjectName};

/// Gives a column another type. The way back casts, as there is not for every type a way without.
pub(super) fn set_type(
    context: &RenderContext<'_>,
    table: &ObjectName,
    column: &Name,
    to: (&SqlType, Option<&Name>),
    using: Option<&SqlExpression>,
) -> Script {
    let write = |(sql_type, collation): (&SqlType, Option<&Name>), using: Option<String>| {
        let collation = collation.map(|name| format!(" COLLATE {}", quote::quote(name)));
        let using = using.map(|using| format!(" USING {using}"));
        let (collation, using) = (collation.unwrap_or_default(), using.unwrap_or_default());
        vec![alter(table, column, &format!("TYPE {sql_type}{collation}{using}"))]
    };
    let back = match (context.before.column(table, column), using) {
        (None, _) => Err(format!("what the type of `{table}.{column}` was is not known")),
        (Some(_), Some(_)) => Err(format!("the values that `{table}.{column}` had are gone")),
        (Some(was), None) => {
            let cast = format!("{}::{}", quote::quote(column), was.sql_type);
            Ok(write((&was.sql_type, was.collation.as_ref()), Some(cast)))
        }
    };
    let using = using.map(|using| using.as_str().trim().to_owned());
    Script { groups: vec![group::shared(context, write(to, using), back)] }
}

/// Makes a column number itself, or ends that its value is made.
pub(super) fn set_generated(
    context: &RenderContext<'_>,
    table: &ObjectName,
    column: &Name,
    generated: Option<&Generated>,
) -> Result<Script, Refusal> {
    let was = context.before.column(table, column).map(|column| column.generated.as_ref());
    let up = set_generated_statements(table, column, was.flatten(), generated)?;
    let back = match was {
        None => Err(format!("how the value of `{table}.{column}` was made is not known")),
        Some(was) => set_generated_statements(table, column, generated, was)
            .map(|statements| {
                let numbers_again = generated.is_none() && is_identity(was);
                let later = numbers_again.then(|| go_on_numbering(table, column));
                statements.into_iter().chain(later).collect()
            })
            .map_err(|refusal| refusal.message),
    };
    Ok(Script { groups: vec![group::shared(context, up, back)] })
}

const fn is_identity(generated: Option<&Generated>) -> bool {
    matches!(generated, Some(Generated::Identity(Identity::Always | Identity::ByDefault)))
}

/// Writes the statement after which a new sequence gives numbers that no row has.
fn go_on_numbering(table: &ObjectName, column: &Name) -> String {
    let on = quote::object(table);
    let sequence = format!(
        "pg_get_serial_sequence({}, {})",
        quote::literal(&on),
        quote::literal(column.as_str())
    );
    let column = quote::quote(column);
    format!("SELECT setval({sequence}, coalesce(max({column}), 0) + 1, false) FROM {on}")
}

fn set_generated_statements(
    table: &ObjectName,
    column: &Name,
    from: Option<&Generated>,
    to: Option<&Generated>,
) -> Result<Vec<String>, Refusal> {
    let refuse = |message: &str, alternative: &str| {
        Err(Refusal { message: message.to_owned(), alternative: alternative.to_owned() })
    };
    let kind = match to {
        Some(Generated::Identity(Identity::Always)) => "ALWAYS",
        Some(Generated::Identity(Identity::ByDefault)) => "BY DEFAULT",
        Some(Generated::Identity(Identity::Serial)) => {
            let sequence = format!(
                "pg_get_serial_sequence({}, {})",
                quote::literal(&quote::object(table)),
                quote::literal(column.as_str())
            );
            let default = format!("SET DEFAULT nextval({sequence})");
            return Ok(vec![alter(table, column, &default)]);
        }
        Some(Generated::Identity(Identity::RowId | Identity::AutoIncrement)) => {
            return refuse(
                "PostgreSQL has no row ids to number rows by",
                "use `generated: { identity: by_default }`",
            );
        }
        Some(Generated::Stored(_) | Generated::Virtual(_)) => {
            return refuse(
                "PostgreSQL cannot compute a column that is there already",
                "add another column that is generated",
            );
        }
        None => {
            return Ok(match from {
                None => group::nothing(),
                Some(Generated::Identity(Identity::Serial)) => {
                    vec![alter(table, column, "DROP DEFAULT")]
                }
                Some(Generated::Identity(_)) => vec![alter(table, column, "DROP IDENTITY")],
                Some(Generated::Stored(_) | Generated::Virtual(_)) => {
                    vec![alter(table, column, "DROP EXPRESSION")]
                }
            });
        }
    };
    let verb = if is_identity(from) { "SET" } else { "ADD" };
    let tail = if is_identity(from) { "" } else { " AS IDENTITY" };
    Ok(vec![alter(table, column, &format!("{verb} GENERATED {kind}{tail}"))])
}

/// Looks at the rows that a constraint so far did not hold for, while everybody goes on.
pub(super) fn validate(context: &RenderContext<'_>, table: &ObjectName, name: &Name) -> Script {
    let validate =
        format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", quote::object(table), quote::quote(name));
    let of = context.before.table(table);
    let is_valid = of.is_some_and(|of| {
        of.checks.iter().any(|check| check.name == *name && check.validated)
            || of.foreign_keys.iter().any(|key| key.name == *name && key.validated)
    });
    let back = if is_valid {
        Ok(group::nothing())
    } else {
        of.and_then(|of| constraints::readd(table, of, name))
            .map(|again| vec![constraints::drop_statement(table, name), again])
            .ok_or_else(|| format!("what the constraint `{name}` of `{table}` was is not known"))
    };
    Script { groups: vec![group::shared(context, vec![validate], back)] }
}

/// Sets or drops the comment on a table or a column.
pub(super) fn set_comment(
    context: &RenderContext<'_>,
    table: &ObjectName,
    column: Option<&Name>,
    comment: Option<&str>,
) -> Script {
    let on = quote::object(table);
    let write = |comment: Option<&str>| {
        let text = comment.map_or_else(|| "NULL".to_owned(), quote::literal);
        vec![match column {
            Some(column) => {
                format!("COMMENT ON COLUMN {on}.{} IS {text}", quote::quote(column))
            }
            None => format!("COMMENT ON TABLE {on} IS {text}"),
        }]
    };
    let before = context.before.table(table);
    let was = before.and_then(|before| match column {
        Some(column) => before.column(column).map(|column| &column.comment),
        None => Some(&before.comment),
    });
    let back = match was {
        Some(was) => Ok(write(was.as_deref())),
        None => Err(format!("what the comment on `{table}` was is not known")),
    };
    Script { groups: vec![group::shared(context, write(comment), back)] }
}
