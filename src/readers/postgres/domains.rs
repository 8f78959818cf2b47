//! Domains.

use squawk_syntax::ast::{self, AstNode as _};

use super::reading::{Reading, Space};
use super::{cascade, other, shapes};
use crate::catalog::{Domain, ObjectKind};
use crate::change::Change;
use crate::readers::{How, Meaning};

/// `CREATE DOMAIN`.
pub(super) fn create(reading: &mut Reading<'_>, node: &ast::CreateDomain) -> Option<()> {
    let domain = node.ty().map(|ty| {
        let mut domain = Domain {
            over: shapes::sql_type(reading, &ty),
            not_null: false,
            beside: String::new(),
            of_extension: false,
        };
        let mut beside = Vec::new();
        for part in node.domain_qualifiers() {
            match &part {
                ast::DomainQualifier::Constraint(ast::Constraint::NotNullConstraint(_)) => {
                    domain.not_null = true;
                }
                ast::DomainQualifier::Constraint(ast::Constraint::NullConstraint(_)) => {}
                ast::DomainQualifier::Constraint(_) | ast::DomainQualifier::Collate(_) => {
                    beside.push(reading.text(part.syntax()));
                }
            }
        }
        domain.beside = beside.join(" ");
        domain
    });
    let n_parts = reading.parts.len();
    other::create(reading, node, ObjectKind::Domain)?;
    describe(reading, n_parts, domain);
    Some(())
}

/// `ALTER DOMAIN`.
pub(super) fn alter(reading: &mut Reading<'_>, node: &ast::AlterDomain) -> Option<()> {
    let known = node.domain_ref().and_then(|of| reading.name_in(Space::Type, of.syntax()));
    let known = known.and_then(|name| reading.now().domains.get(&name).cloned());
    let not_null = match node.action() {
        Some(ast::AlterDomainAction::SetNotNull(_)) => Some(true),
        Some(ast::AlterDomainAction::DropNotNull(_)) => Some(false),
        Some(_) | None => None,
    };
    let n_parts = reading.parts.len();
    other::alter(reading, node, ObjectKind::Domain)?;
    let altered = known.zip(not_null).map(|(known, not_null)| Domain { not_null, ..known });
    describe(reading, n_parts, altered);
    Some(())
}

/// Says what the domain is after the parts from this one on.
fn describe(reading: &mut Reading<'_>, from: usize, domain: Option<Domain>) {
    if let Some(part) = reading.parts.get_mut(from)
        && let Meaning::Change(change) = &mut part.meaning
        && let Change::Other(other) = change.as_mut()
    {
        other.domain = domain.map(Box::new);
    }
}

/// `DROP DOMAIN`.
pub(super) fn drop(reading: &mut Reading<'_>, node: &ast::DropDomain) -> Option<()> {
    if super::cascades(node.drop_behavior()) {
        let how = How { if_exists: node.if_exists().is_some(), cascade: true, ..How::default() };
        for of in node.domain_refs() {
            let name = reading.name_in(Space::Type, of.syntax())?;
            cascade::columns_of_type(reading, node.syntax(), &name, how);
        }
    }
    other::drop(reading, node, ObjectKind::Domain)
}
