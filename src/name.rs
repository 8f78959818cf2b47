//! Names: of database objects as the database knows them, and of plans and steps.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A name of a column, index, constraint … exactly as it is stored in the database.
///
/// Planner takes names as written and quotes them where the engine would read them otherwise, so two
/// names are equal only if they are equal letter by letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Name(Arc<str>);

impl Name {
    /// Wraps a text as a name.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the name's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_str().to_owned()
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A table, view, index, enum …: a name and, outside the default schema, its schema.
///
/// The default schema (`public` on PostgreSQL, `main` on SQLite) is always `None`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectName {
    /// The schema, `None` for the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Name>,
    /// The name inside the schema.
    pub name: Name,
}

impl ObjectName {
    /// Reads `name` or `schema.name`; `public.name` and `main.name` are `name`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('.') {
            Some(("public" | "main", name)) => Self::bare(name),
            Some((schema, name)) => Self { schema: Some(schema.into()), name: name.into() },
            None => Self::bare(text),
        }
    }

    /// Returns a name in the default schema.
    pub fn bare(name: impl Into<Name>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// Returns another name in the same schema.
    #[must_use]
    pub fn sibling(&self, name: impl Into<Name>) -> Self {
        Self { schema: self.schema.clone(), name: name.into() }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => self.name.fmt(f),
        }
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl From<&str> for ObjectName {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

/// A plan's name: the part of its file name after the first `_`, unique in the project.
pub type PlanName = Name;

/// Identifies a step in the whole project: its plan and its id, which is unique in the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepKey {
    /// The plan.
    pub plan: PlanName,
    /// The step's id inside the plan.
    pub id: Name,
}

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.plan, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_schema_is_no_schema() {
        assert_eq!(ObjectName::parse("public.users"), ObjectName::bare("users"));
        assert_eq!(ObjectName::parse("billing.invoices").to_string(), "billing.invoices");
    }
}
