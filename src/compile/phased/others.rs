//! Views that come and go.

use super::raw::word;
use super::yaml::Step;
use super::{Draft, Place, named};
use crate::catalog::View;
use crate::change::Change;
use crate::change::making::views_in_order;
use crate::dialects;
use crate::name::ObjectName;

impl Draft<'_> {
    /// Drafts what differs in the views.
    pub(super) fn views(&mut self) {
        let created = views_in_order(self.want);
        for change in created {
            let Change::CreateView { name, view } = change else { continue };
            match self.have.views.get(&name) {
                None if view.materialized => self.materialized(&name, &view),
                None => {
                    let step =
                        Step::new("create_view").with("view", named(&name)).text("as", &view.query);
                    self.put(Place::NewViews, step);
                }
                Some(known) if self.is_same_view(known, &view) => continue,
                Some(known) if known.materialized || view.materialized => {
                    self.unsaid(format!(
                        "materialized view `{name}` is to be another: write a `sql` step for it"
                    ));
                }
                Some(known) => {
                    let step = Step::new("replace_view")
                        .with("view", named(&name))
                        .text("as", &view.query);
                    let keeps_all =
                        !view.columns.is_empty() && view.columns.starts_with(&known.columns);
                    let place = if keeps_all { Place::NewViews } else { Place::OldViews };
                    self.put(place, step);
                }
            }
            self.plan.about.insert(name);
        }
        for change in views_in_order(self.have).into_iter().rev() {
            let Change::CreateView { name, view } = change else { continue };
            if self.want.views.contains_key(&name) {
                continue;
            }
            self.plan.about.insert(name.clone());
            self.put(Place::Retire, Step::new("deprecate_table").with("table", named(&name)));
            if view.materialized {
                let (old, drop) = (self.have, Change::DropView { name: name.clone() });
                self.raw(Place::OldViews, &["drop", &name.to_string()], &[drop], old);
                continue;
            }
            self.put(Place::OldViews, Step::new("drop_view").with("view", named(&name)));
        }
    }

    /// Drafts a materialized view with its indexes.
    fn materialized(&mut self, name: &ObjectName, view: &View) {
        let new = self.want;
        let change = Change::CreateView { name: name.clone(), view: view.clone() };
        let id = format!("create_{name}");
        if !self.raw(Place::NewViews, &[&id], &[change], new) {
            self.unsaid(format!(
                "materialized view `{name}` is to be there: write a `sql` step for it"
            ));
            return;
        }
        let definitions = self.definitions;
        let (bare, public) = (format!(" ON {name} "), format!(" ON public.{name} "));
        for (what, sql) in definitions {
            let index = what.strip_prefix("index `").and_then(|rest| rest.strip_suffix('`'));
            let Some(index) = index.filter(|_| sql.contains(&bare) || sql.contains(&public)) else {
                continue;
            };
            let drop = Change::DropIndex { table: name.clone(), name: index.into() };
            let step = Step::new("sql").text("up", sql);
            let step = match dialects::plainly(&drop, new) {
                Ok(down) => step.text("down", down.join(";\n")),
                Err(_) => step.text("irreversible", "it goes with the view"),
            };
            // It is built from the rows of the view.
            self.put(Place::Fill, Step { id: Some(word(&["create_index", index])), ..step });
        }
    }

    fn is_same_view(&self, one: &View, other: &View) -> bool {
        one.materialized == other.materialized && self.same(&one.query, &other.query)
    }
}
