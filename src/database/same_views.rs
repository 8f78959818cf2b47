//! Views that the server keeps in other words than their author's: it expands `*`, writes casts out and qualifies names.
//!
//! Whether two texts are the same query only the server can tell: it is asked how it would keep the one.

use super::connection::LiveDatabase;
use super::{Database as _, DatabaseError};
use crate::catalog::{Catalog, SqlExpression, View};
use crate::dialect::Dialect;
use crate::expressions::same_expression;
use crate::name::ObjectName;

impl LiveDatabase {
    /// Takes the expected text of a view for the live one's where the server would keep it in the live one's words (PostgreSQL).
    ///
    /// Makes a temporary view for each that differs in its text, in a transaction that is rolled back.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks; a query that the server refuses is left as it is.
    pub fn settle_views(
        &mut self,
        expected: &Catalog,
        live: &mut Catalog,
    ) -> Result<(), DatabaseError> {
        for name in self.same_views(expected, live)? {
            if let (Some(view), Some(expected)) =
                (live.views.get_mut(&name), expected.views.get(&name))
            {
                view.query.clone_from(&expected.query);
            }
        }
        Ok(())
    }

    /// Returns the views whose texts differ and are the same for the server; see [`Self::settle_views`].
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks.
    pub fn same_views(
        &mut self,
        expected: &Catalog,
        live: &Catalog,
    ) -> Result<Vec<ObjectName>, DatabaseError> {
        let mut same = Vec::new();
        if self.dialect() != Dialect::Postgres {
            return Ok(same);
        }
        for (name, found) in &live.views {
            let Some(expected) = expected.views.get(name) else { continue };
            if is_same(&expected.query, &found.query) {
                continue;
            }
            let kept = self.kept(expected)?;
            if kept.is_some_and(|kept| is_same(&SqlExpression::new(kept), &found.query)) {
                same.push(name.clone());
            }
        }
        Ok(same)
    }

    /// Returns the words in which the server would keep a view's query, if it takes it.
    fn kept(&mut self, view: &View) -> Result<Option<String>, DatabaseError> {
        let columns: Vec<String> = view.columns.iter().map(ToString::to_string).collect();
        let columns = match columns.as_slice() {
            [] => String::new(),
            columns => format!(" ({})", columns.join(", ")),
        };
        let query = view.query.as_str();
        self.begin()?;
        let made = self.execute(&format!("CREATE TEMPORARY VIEW planner_kept{columns} AS {query}"));
        let kept = made.and_then(|()| {
            self.query_texts("SELECT pg_get_viewdef('pg_temp.planner_kept'::regclass)")
        });
        self.roll_back()?;
        let Ok(rows) = kept else { return Ok(None) };
        let text = rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
        Ok(text.map(|text| text.trim().trim_end_matches(';').to_owned()))
    }
}

fn is_same(one: &SqlExpression, other: &SqlExpression) -> bool {
    same_expression(Dialect::Postgres, one, other)
}
