//! The sentences of the design about phases and gates, one test each.

use super::examples::findings;
use crate::diagnostic::Severity;

const USERS: &str = "\
# file: 2026-01-01-000000_create_users.yaml
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text, nullable: false }
        - { name: nick, type: text }
        - { name: age, type: bigint }
";
const GATE: &str = "gates: { contract: { releases: { web: \">=2.0.0\" } } }\n";

fn plan(stamp: u32, name: &str, text: &str) -> String {
    format!("# file: 2026-02-01-{stamp:06}_{name}.yaml\n{text}")
}

/// Returns the codes found in the plan `change`, which follows `create_users`.
fn codes(text: &str) -> Vec<&'static str> {
    found(&format!("{USERS}{}", plan(1, "change", &format!("after: [create_users]\n{text}"))))
}

fn found(block: &str) -> Vec<&'static str> {
    let mut codes: Vec<_> = findings(block).iter().map(|found| found.code.id).collect();
    codes.dedup();
    codes
}

const DROP_NICK: &str = "contract:\n  - drop_column: { table: users, column: nick }\n";
const DEPRECATE_NICK: &str = "expand:\n  - deprecate_column: { table: users, column: nick }\n";

#[test]
fn what_another_plan_prepared_counts_only_if_after_names_it() {
    let drop = |after: &str| {
        let prepare = plan(1, "prepare", &format!("after: [create_users]\n{DEPRECATE_NICK}"));
        let between =
            "after: [prepare]\nexpand:\n  - create_index: { table: users, columns: [age] }\n";
        let between = plan(2, "between", between);
        let drop = plan(3, "drop_nick", &format!("after: [{after}]\n{DROP_NICK}{GATE}"));
        found(&format!("{USERS}{prepare}{between}{drop}"))
    };
    assert_eq!(drop("prepare"), [""; 0]);
    assert_eq!(drop("between"), ["EC201"]);
}

#[test]
fn a_replacement_may_be_added_and_filled_by_a_plan_that_after_names() {
    let add = "after: [create_users]\nexpand:\n  - add_column: { table: users, column: handle, type: text }\nbackfill:\n  \
               - update: { table: users, set: { handle: nick }, where: handle IS NULL AND nick IS NOT NULL }\n\
               gates: { backfill: { releases: { web: { marks: writes-both } } } }\n";
    let drop =
        "contract:\n  - drop_column: { table: users, column: nick, replaced_by: [handle] }\n";
    let both = |add: &str| {
        let drop = plan(2, "drop_nick", &format!("after: [add_handle]\n{drop}{GATE}"));
        found(&format!("{USERS}{}{drop}", plan(1, "add_handle", add)))
    };
    assert_eq!(both(add), [""; 0]);
    let without_gate = add.split("gates").next().unwrap();
    assert_eq!(
        both(without_gate),
        ["EC301"],
        "the backfill needs dual write though the drop is elsewhere"
    );
    let without_backfill = add.split("backfill:").next().unwrap();
    assert_eq!(both(without_backfill), ["EC207"]);
}

#[test]
fn a_column_that_this_very_contract_makes_nullable_was_required_until_then() {
    let text = "expand:\n  - deprecate_column: { table: users, column: name }\ncontract:\n  \
                - drop_not_null: { table: users, column: name }\n  - drop_column: { table: users, column: name }\n";
    assert_eq!(codes(&format!("{text}{GATE}")), ["EC211"]);
}

#[test]
fn a_sync_stands_in_for_a_default_on_postgres_and_not_on_sqlite() {
    let text = format!(
        "{USERS}{}",
        plan(
            1,
            "rename",
            &format!(
                "after: [create_users]\nexpand:\n  - add_column: {{ table: users, column: full_name, type: text }}\n  \
                 - id: sync\n    sync_columns: {{ table: users, forward: {{ full_name: name }}, backward: {{ name: full_name }} }}\n\
                 backfill:\n  - update: {{ table: users, set: {{ full_name: name }}, where: full_name IS NULL AND name IS NOT NULL }}\n\
                 contract:\n  - drop_sync: {{ step: sync }}\n  - drop_column: {{ table: users, column: name, replaced_by: [full_name] }}\n{GATE}"
            )
        )
    );
    assert_eq!(found(&text), [""; 0]);
    assert_eq!(found(&format!("# dialect: sqlite\n{text}")), ["EC211"]);
}

#[test]
fn a_view_is_retired_by_deprecate_table() {
    let view = "# file: 2026-01-02-000000_people.yaml\nafter: [create_users]\nexpand:\n  - create_view: { view: people, as: SELECT id FROM users }\n";
    let drop = |expand: &str| {
        let text = format!(
            "after: [people]\n{expand}contract:\n  - drop_view: {{ view: people }}\n{GATE}"
        );
        found(&format!("{USERS}{view}{}", plan(1, "drop_people", &text)))
    };
    assert_eq!(drop(""), ["EC201"]);
    assert_eq!(drop("expand:\n  - deprecate_table: { table: people }\n"), [""; 0]);
}

#[test]
fn set_not_null_after_a_backfill_needs_something_that_keeps_it_filled() {
    let text = |set: &str, gates: &str| {
        codes(&format!(
            "{set}backfill:\n  - update: {{ table: users, set: {{ age: 0 }}, where: age IS NULL }}\n\
             contract:\n  - set_not_null: {{ table: users, column: age }}\n{gates}"
        ))
    };
    assert_eq!(text("", GATE), ["EC301"]);
    let default = "expand:\n  - set_default: { table: users, column: age, default: 0 }\n";
    assert_eq!(text(default, GATE), [""; 0]);
    let both = "gates: { backfill: { releases: { web: \">=1.9.0\" } }, contract: { releases: { web: \">=2.0.0\" } } }\n";
    assert_eq!(text("", both), [""; 0]);
    let query = "gates: { contract: { releases: { web: \">=2.0.0\" }, query: SELECT count(*) = 0 FROM users WHERE age IS NULL } }\n";
    assert_eq!(text("", query), [""; 0]);
}

#[test]
fn a_restriction_on_added_columns_is_expand_only_with_proof() {
    let add = |column: &str, then: &str| {
        codes(&format!(
            "expand:\n  - add_column: {{ table: users, column: slug, {column} }}\n  - {then}\n"
        ))
    };
    let unique = "create_index: { table: users, columns: [slug], unique: true }";
    assert_eq!(add("type: text", unique), [""; 0]);
    assert_eq!(
        add("type: text, default: \"'x'\"", unique),
        ["EC204"],
        "the second row has the same"
    );
    let pair = "add_unique: { table: users, columns: [name, slug] }";
    assert_eq!(add("type: text", pair), [""; 0]);
    let required = "set_not_null: { table: users, column: slug }";
    assert_eq!(add("type: text", required), ["EC204"]);
    assert_eq!(add("type: text, default: \"'x'\"", required), [""; 0]);
    assert_eq!(
        add(
            "type: bigint, default: 5, check: slug > 4",
            "deprecate_column: { table: users, column: nick }"
        ),
        [""; 0]
    );
    assert_eq!(
        add(
            "type: bigint, default: 3, check: slug > 4",
            "deprecate_column: { table: users, column: nick }"
        ),
        ["EC204", "EC213"]
    );
    let mixed = "add_check: { table: users, check: slug IS NULL OR age > 0 }";
    assert_eq!(add("type: text", mixed), [""; 0]);
    let old = "add_check: { table: users, check: slug IS NULL AND age > 0 }";
    assert_eq!(add("type: text", old), ["EC204"]);
    assert_eq!(
        add(
            "type: bigint, references: { table: users, column: id }",
            "deprecate_column: { table: users, column: nick }"
        ),
        [""; 0]
    );
}

#[test]
fn a_column_that_a_sync_fills_is_not_ignored() {
    let text = "expand:\n  - add_column: { table: users, column: slug, type: text }\n  \
                - create_index: { table: users, columns: [slug], unique: true }\n  \
                - sync_columns: { table: users, forward: { slug: nick }, backward: { nick: slug } }\n";
    assert_eq!(codes(text), ["EC204"]);
}

#[test]
fn nothing_on_a_table_is_contract_class_in_the_phase_that_creates_it() {
    let create = "  - create_table:\n      table: carts\n      columns: [{ name: id, type: bigint, primary_key: true }, { name: n, type: bigint }]\n";
    let restrict = "  - add_unique: { table: carts, columns: [n] }\n  - add_column: { table: carts, column: m, type: bigint, nullable: false }\n";
    assert_eq!(codes(&format!("expand:\n{create}{restrict}")), [""; 0]);
    let later = plan(2, "later", &format!("after: [change]\nexpand:\n{restrict}"));
    let first = plan(1, "change", &format!("after: [create_users]\nexpand:\n{create}"));
    assert_eq!(found(&format!("{USERS}{first}{later}")), ["EC204", "EC210"]);
}

#[test]
fn only_an_index_that_is_not_unique_goes_without_gate() {
    let drop = |unique: bool| {
        let index = format!(
            "# file: 2026-01-02-000000_index.yaml\nafter: [create_users]\ncontract:\n  \
             - create_index: {{ table: users, columns: [age], name: by_age, unique: {unique} }}\n\
             gates: {{ contract: {{ releases: {{ none: nobody writes age }}, query: SELECT true }} }}\n"
        );
        let drop =
            plan(1, "drop", "after: [index]\ncontract:\n  - drop_index: { index: by_age }\n");
        found(&format!("{USERS}{index}{drop}"))
    };
    assert_eq!(drop(false), [""; 0]);
    assert_eq!(drop(true), ["EC206"]);
}

#[test]
fn every_app_that_planner_yaml_names_is_in_the_gate() {
    let with = |apps: &str| {
        let text = format!("after: [create_users]\n{DEPRECATE_NICK}{DROP_NICK}{GATE}");
        findings(&format!(
            "# file: planner.yaml\napps: {apps}\n{USERS}{}",
            plan(1, "drop_nick", &text)
        ))
    };
    assert_eq!(with("{ web: {} }"), []);
    let found = with("{ web: {}, worker: {} }");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "the contract gate says nothing of app `worker`");
}

#[test]
fn a_copied_table_is_kept_in_step() {
    let copy = |sync: &str| {
        codes(&format!(
            "expand:\n  - create_table:\n      table: people\n      columns: [{{ name: id, type: bigint, primary_key: true }}]\n{sync}\
             backfill:\n  - copy_table: {{ from: users, to: people, columns: [id] }}\n"
        ))
    };
    assert_eq!(copy(""), ["EC301"]);
    assert_eq!(
        copy("  - sync_tables: { from: users, to: people, columns: [id], key: [id] }\n"),
        [""; 0]
    );
}

#[test]
fn what_an_older_contract_drops_may_be_used_again_only_after_that_contract() {
    let again = |after: &str| {
        let drop = plan(
            1,
            "drop_nick",
            &format!("after: [create_users]\n{DEPRECATE_NICK}{DROP_NICK}{GATE}"),
        );
        let add = format!(
            "after: [create_users, {after}]\nexpand:\n  - add_column: {{ table: users, column: nick, type: text }}\n"
        );
        findings(&format!("{USERS}{drop}{}", plan(2, "add_nick", &add)))
    };
    let found = again("drop_nick");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code.name, "unordered-conflict");
    assert_eq!(found[0].help.as_deref(), Some("add `after: [drop_nick/contract]` to `add_nick`"));
    assert_eq!(again("drop_nick/contract"), []);
}

#[test]
fn a_broken_step_is_not_missed_by_the_rules() {
    let text = format!(
        "expand:\n  - deprecate_column: {{ table: users, column: nikc }}\n{DROP_NICK}{GATE}"
    );
    assert_eq!(codes(&text), ["EC119"]);
}

#[test]
fn raw_sql_is_judged_by_what_it_does() {
    let text = "backfill:\n  - sql: { up: UPDATE users SET age = 1, irreversible: it is data, probe: SELECT true, touches: [users.age] }\n";
    assert_eq!(
        codes(&text.replace("UPDATE users SET age = 1", "\"UPDATE users SET age = 1\"")),
        ["EC305"]
    );
}

#[test]
fn data_moves_only_in_backfill_and_structure_only_outside() {
    let update = "  - update: { table: users, set: { age: 0 }, where: age IS NULL }\n";
    assert_eq!(codes(&format!("expand:\n{update}")), ["EC217"]);
    assert_eq!(
        codes("backfill:\n  - add_column: { table: users, column: x, type: text }\n"),
        ["EC217"]
    );
    assert_eq!(codes("backfill:\n  - drop_not_null: { table: users, column: name }\n"), ["EC217"]);
    assert_eq!(
        codes(&format!(
            "contract:\n  - add_column: {{ table: users, column: x, type: text }}\n{GATE}"
        )),
        ["EC217"]
    );
    assert_eq!(
        codes(&format!(
            "contract:\n  - set_default: {{ table: users, column: age, default: 0 }}\n{GATE}"
        )),
        [""; 0]
    );
    assert_eq!(
        codes(
            "expand:\n  - create_index: { table: users, columns: [age], name: a }\n  - drop_index: { index: a }\n"
        ),
        ["EC217"]
    );
}

#[test]
fn a_backfill_is_idempotent_and_ends() {
    let update = |set: &str, condition: &str| {
        codes(&format!(
            "backfill:\n  - update: {{ table: users, set: {{ {set} }}, where: {condition} }}\n"
        ))
    };
    assert_eq!(update("nick: lower(nick)", "nick <> lower(nick)"), [""; 0]);
    assert_eq!(update("age: 1", "age IS NULL OR age = 1"), ["EC302"], "it still holds");
    assert_eq!(update("age: 1", "nick IS NULL"), ["EC302"], "it reads nothing that is set");
    assert_eq!(update("id: 1", "id IS NULL"), ["EC303"], "rows move");
    let insert = |columns: &str, values: &str| {
        found(&format!(
            "# file: 2026-01-01-000000_create_carts.yaml\nexpand:\n  - create_table:\n      table: carts\n      \
             columns: [{{ name: id, type: bigserial, primary_key: true }}, {{ name: name, type: text }}]\n\
             backfill:\n  - insert: {{ table: carts, columns: [{columns}], values: [[{values}]] }}\n"
        ))
    };
    assert_eq!(insert("id, name", "1, \"'x'\""), [""; 0]);
    assert_eq!(insert("name", "\"'x'\""), ["EC302"], "another row each time");
}

#[test]
fn a_waiver_makes_a_note_while_it_holds() {
    let waived = |until: &str| {
        let text = format!(
            "after: [create_users]\ncontract:\n  - id: zero\n    set_default: {{ table: users, column: age, default: 0 }}\n    \
             waive: {{ hazard: default-violates-constraint, reason: one row at most, until: {until} }}\n{GATE}"
        );
        let unique =
            USERS.replace("name: age, type: bigint", "name: age, type: bigint, unique: true");
        findings(&format!("{unique}{}", plan(1, "change", &text)))
    };
    let holds = waived("2026-06-01");
    assert_eq!(holds.len(), 1);
    assert_eq!(holds[0].severity, Severity::Note);
    assert_eq!(holds[0].help.as_deref(), Some("waived until 2026-06-01: one row at most"));
    let ended: Vec<&str> = waived("2026-05-31").iter().map(|found| found.code.id).collect();
    assert_eq!(ended, ["EC213", "EC216"], "what it covered is an error again");
}

#[test]
fn what_cannot_be_waived_says_so() {
    let text = "expand:\n  - drop_column: { table: users, column: nick }\n    \
                waive: { hazard: EC202, reason: we are in a hurry, until: 2099-01-01 }\n";
    assert_eq!(codes(text), ["EC202", "EC216"]);
}

#[test]
fn planner_yaml_sets_how_much_a_rule_weighs() {
    let with = |rules: &str| {
        let text =
            "after: [create_users]\nexpand:\n  - drop_column: { table: users, column: nick }\n";
        let found = findings(&format!(
            "# file: planner.yaml\nrules: {rules}\n{USERS}{}",
            plan(1, "drop", text)
        ));
        found.iter().map(|found| found.severity).collect::<Vec<_>>()
    };
    assert_eq!(with("{ destructive-in-expand: warning }"), [Severity::Warning]);
    assert_eq!(with("{ destructive-in-expand: \"off\" }"), []);
    assert_eq!(with("{ destructive-in-backfill: \"off\" }"), [Severity::Error]);
}
