//! Each case's plans as the files they compile to, and what must hold for all of them.

use planner::change::Change;
use planner::compile::migration::CompileOptions;
use planner::compile::{CompiledStep, Work, directory, lock, offline, outline};
use planner::diagnostic::Sink;
use planner::dialect::Dialect;
use planner::graph::build;

use super::project::{CASES, case, compile_texts, findings};

#[test]
fn the_compiled_files_are_as_they_were() {
    for name in CASES {
        for dialect in Dialect::ALL {
            let (checked, compiled) = compile_texts(&case(name), dialect);
            let files = directory::files(&checked, &compiled);
            let tree: Vec<String> =
                files.iter().map(|(path, text)| format!("=== {path}\n{text}")).collect();
            insta::assert_snapshot!(format!("{name}_{dialect}"), tree.concat());
            insta::assert_snapshot!(
                format!("{name}_{dialect}_lock"),
                lock::text(&checked, &compiled)
            );
        }
    }
}

#[test]
fn compiling_twice_gives_the_same_bytes_and_a_lock_that_can_be_read() {
    for name in CASES {
        for dialect in Dialect::ALL {
            let (checked, compiled) = compile_texts(&case(name), dialect);
            let (checked_again, again) = compile_texts(&case(name), dialect);
            let files = directory::files(&checked, &compiled);
            assert_eq!(files, directory::files(&checked_again, &again));
            let plans = lock::parse(&lock::text(&checked, &compiled)).unwrap();
            assert_eq!(plans.len(), checked.plans.len());
            for (locked, plan) in plans.iter().zip(&checked.plans) {
                assert_eq!((&locked.name, &locked.stamp), (&plan.name, &plan.stamp));
            }
        }
    }
}

#[test]
fn an_outline_has_the_steps_and_versions_of_the_whole() {
    for name in CASES {
        for dialect in Dialect::ALL {
            let (checked, whole) = compile_texts(&case(name), dialect);
            let mut sink = Sink::default();
            let graph = build(&checked, &mut sink).unwrap();
            let outlined = outline(&checked, &graph, CompileOptions::default(), &mut sink);
            assert_eq!(outlined.by_version, whole.by_version);
            for (outlined, whole) in outlined.steps.iter().zip(&whole.steps) {
                assert_eq!((&outlined.key, &outlined.checksum), (&whole.key, &whole.checksum));
                assert_eq!((outlined.phase, outlined.gated), (whole.phase, whole.gated));
                let parts = |step: &CompiledStep| {
                    step.migrations.iter().map(|of| of.part).collect::<Vec<_>>()
                };
                assert_eq!(parts(outlined), parts(whole));
            }
        }
    }
}

#[test]
fn versions_are_in_the_order_of_the_plans_and_unique() {
    for name in CASES {
        for dialect in Dialect::ALL {
            let (_, compiled) = compile_texts(&case(name), dialect);
            let migrations: Vec<_> =
                compiled.steps.iter().flat_map(|step| &step.migrations).collect();
            assert!(migrations.windows(2).all(|pair| pair[0].version < pair[1].version));
            assert_eq!(compiled.by_version.len(), migrations.len());
            for migration in migrations {
                assert!(
                    migration.version.is_compiled() && directory::is_compiled(&migration.directory)
                );
                assert!(migration.version.as_str().len() <= 50 && migration.directory.len() <= 200);
            }
        }
    }
}

#[test]
fn a_changed_title_changes_no_version_and_a_changed_step_does() {
    let plan = |title: &str, column: &str| {
        let text = format!(
            "title: {title}\nexpand:\n  - create_table: {{ table: t, columns: [{{ name: id, type: integer }}, {{ name: {column}, type: text }}] }}\n"
        );
        let texts = [("plans/2026-01-01-000000_p.yaml".to_owned(), text)];
        compile_texts(&texts, Dialect::Sqlite).1.steps.remove(0)
    };
    let one = plan("one", "a");
    assert_eq!(one.checksum, plan("two", "a").checksum);
    let other = plan("one", "b");
    assert_ne!(one.checksum, other.checksum);
    assert_ne!(one.migrations[0].version, other.migrations[0].version);
}

#[test]
fn only_an_index_that_is_not_unique_is_dropped_without_a_gate() {
    let (_, compiled) = compile_texts(&case("storefront"), Dialect::Postgres);
    for step in &compiled.steps {
        let expected = step.key.plan.as_str() == "drop_notes" && step.phase.word() == "contract";
        assert_eq!(step.gated, expected, "{}", step.key);
    }
}

#[test]
fn a_backfill_walks_rows_and_a_concurrent_index_has_a_guard_before_it() {
    let (_, compiled) = compile_texts(&case("split_user_name"), Dialect::Postgres);
    let backfills = compiled.steps.iter().flat_map(|step| &step.migrations);
    let n = backfills.filter(|migration| matches!(migration.work, Work::Backfill(_))).count();
    assert_eq!(n, 1);
    let (checked, compiled) = compile_texts(&case("restrictions"), Dialect::Postgres);
    let step = compiled
        .steps
        .iter()
        .find(|step| matches!(step.changes[..], [Change::CreateIndex { .. }]) && step.gated)
        .unwrap();
    assert_eq!(step.migrations[0].work, Work::Guard);
    let files = directory::files(&checked, &compiled);
    let text = |migration: usize, file: &str| {
        let path = format!("{}/{file}", step.migrations[migration].directory);
        files.iter().find(|(of, _)| *of == path).map(|(_, text)| text.as_str()).unwrap()
    };
    assert!(text(0, "up.sql").contains("planner_open_"));
    assert!(text(1, "up.sql").contains("CONCURRENTLY"));
    assert!(!text(1, "up.sql").contains("planner_open_"));
    assert!(text(1, "metadata.toml").starts_with("run_in_transaction = false\n"));
}

#[test]
fn what_a_dialect_cannot_do_is_reported_with_the_alternative() {
    let text = "title: x\nexpand:\n  - create_enum: { enum: mood, values: [a, b] }\n";
    let texts = [("plans/2026-01-01-000000_p.yaml".to_owned(), text.to_owned())];
    let (_, _, found) = findings(&texts, Dialect::Sqlite);
    assert!(found.iter().any(|found| found.starts_with("unsupported-on-dialect")), "{found:?}");
}

#[test]
fn the_offline_script_has_no_guards_and_records_every_version() {
    for dialect in Dialect::ALL {
        let (project, compiled) = compile_texts(&case("restrictions"), dialect);
        let migrations: Vec<_> = compiled.steps.iter().flat_map(|step| &step.migrations).collect();
        let script = offline::script(&project, &compiled, &migrations);
        assert!(!script.contains("planner_open_"));
        for migration in migrations {
            assert!(script.contains(&format!("VALUES ('{}')", migration.version)));
        }
        insta::assert_snapshot!(format!("offline_{dialect}"), script);
    }
}

#[test]
fn a_phase_with_more_migrations_than_versions_have_room_for_is_refused() {
    let create =
        "title: x\nexpand:\n  - create_table: { table: t, columns: [{ name: a, type: text }] }\n";
    let column = "type: text, unique: true, check: a <> ''";
    let columns: Vec<String> = (0..300)
        .map(|at| format!("  - add_column: {{ table: t, column: c{at}, {column} }}\n"))
        .collect();
    let columns = columns.concat();
    let texts = [
        ("plans/2026-01-01-000000_p.yaml".to_owned(), create.to_owned()),
        ("plans/2026-01-02-000000_q.yaml".to_owned(), format!("title: x\nexpand:\n{columns}")),
    ];
    let (_, _, found) = findings(&texts, Dialect::Postgres);
    assert_eq!(found.len(), 1, "{found:?}");
    let limit = "migrations, at most 999 fit [move some of its steps to another plan]";
    assert!(found[0].contains(limit), "{found:?}");
}

#[test]
fn a_branch_that_adds_a_plan_on_another_table_merges_into_the_lock_without_conflict() {
    let plan = |stamp: &str, name: &str, table: &str| {
        let text = format!(
            "title: x\nexpand:\n  - create_table: {{ table: {table}, columns: [{{ name: id, type: integer }}] }}\n"
        );
        (format!("plans/{stamp}_{name}.yaml"), text)
    };
    let base = vec![
        plan("2026-01-01-000000", "apples", "a_table"),
        plan("2026-01-02-000000", "melons", "m_table"),
        plan("2026-01-03-000000", "pears", "p_table"),
    ];
    let with = |extra: &[(String, String)]| {
        let mut texts = [base.clone(), extra.to_vec()].concat();
        texts.sort();
        let (checked, compiled) = compile_texts(&texts, Dialect::Postgres);
        lock::text(&checked, &compiled)
    };
    let ours = plan("2026-02-01-000000", "bananas", "b_table");
    let theirs = plan("2026-02-02-000000", "oranges", "o_table");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let merged = std::process::Command::new("git")
        .args(["merge-file", "-p"])
        .arg(write("ours", with(std::slice::from_ref(&ours))))
        .arg(write("base", with(&[])))
        .arg(write("theirs", with(std::slice::from_ref(&theirs))))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(merged.stdout).unwrap(), with(&[ours, theirs]));
}
