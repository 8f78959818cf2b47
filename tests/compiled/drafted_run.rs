//! Plans for the difference of two catalogs, run: the database is then as it was wanted.

use planner::catalog::Catalog;
use planner::database::introspect::{postgres, sqlite};
use planner::dialect::Dialect;
use planner::dialects::whole;

use super::drafted::{answered, drafted, states, unexpected};
use super::project::case;
use crate::support::ScratchPostgres;
use crate::support::project::Project;

#[test]
fn what_was_drafted_and_answered_runs_and_ends_at_what_was_wanted() {
    for (dialect, every, at_least) in [(Dialect::Sqlite, 1, 8), (Dialect::Postgres, 3, 3)] {
        let mut n_pairs = 0;
        for name in ["storefront", "restrictions"] {
            let states = states(&case(name), dialect);
            let states: Vec<&Catalog> =
                states.iter().filter(|state| !state.tables.is_empty()).collect();
            let pairs = states.iter().zip(states.iter().rev());
            for (have, want) in pairs.step_by(every) {
                n_pairs += usize::from(runs(have, want));
            }
        }
        assert!(n_pairs >= at_least, "{n_pairs} on {dialect}");
    }
}

/// Runs the plan that leads from one catalog to another; `false` if there is nothing to do.
fn runs(have: &Catalog, want: &Catalog) -> bool {
    let (plan, text) = drafted(have, want);
    if !plan.has_steps() {
        return false;
    }
    let script: String =
        whole(have, true).statements.iter().map(|sql| format!("{sql};\n")).collect();
    let dialect = have.dialect;
    let server = (dialect == Dialect::Postgres).then(ScratchPostgres::new);
    let url = server.as_ref().map_or("app.db", |server| server.url.as_str());
    let config = format!("dialect: {dialect}\nenvironments: {{ dev: {{ gates: off }} }}\n");
    let project = Project::with_config(&config)
        .variable("DATABASE_URL", url)
        .file("migrations/2020-01-01-000000_before/up.sql", script);
    project.run(&["run"]).exits(0);
    project.run(&["baseline"]).exits(0);
    let text = answered(&text);
    project.write("plans/2026-01-01-000000_go_there.yaml", &text);
    let ran = project.run(&["--env", "dev", "run"]);
    assert_eq!(ran.code, 0, "{}{}\n{text}", ran.out, ran.err);
    project.run(&["drift"]).exits(0);
    let live = if let Some(server) = &server {
        postgres::read(&mut server.connect()).unwrap()
    } else {
        let path = project.path().join("app.db");
        let mut file = diesel::Connection::establish(path.to_str().unwrap()).unwrap();
        sqlite::read(&mut file).unwrap()
    };
    assert_eq!(unexpected(&plan, want, &live), [], "{text}");
    true
}
