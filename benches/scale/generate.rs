//! Makes projects of any size: three to six steps a plan, a table for every ten plans.

use std::fs;
use std::path::Path;

/// Writes `n_plans` plans and a `planner.yaml` into a folder. The same number gives the same files.
pub fn project(folder: &Path, n_plans: usize) {
    let plans = folder.join("plans");
    fs::create_dir_all(&plans).unwrap();
    fs::write(
        folder.join("planner.yaml"),
        "dialect: sqlite\ndatabase: sqlite:scale.db\napps: { web: {} }\n",
    )
    .unwrap();
    let n_tables = (n_plans / 10).max(1);
    for at in 0..n_plans {
        let (name, text) = if at < n_tables { creation(at) } else { change(at, n_tables) };
        fs::write(plans.join(format!("{}_{name}.yaml", stamp(at))), text).unwrap();
    }
}

/// Returns the `at`-th second of 2026 as plans' file names write it.
fn stamp(at: usize) -> String {
    let (day, second) = (at / 86_400, at % 86_400);
    format!("2026-01-{:02}-{:02}{:02}{:02}", day + 1, second / 3_600, second / 60 % 60, second % 60)
}

fn creation(at: usize) -> (String, String) {
    let table = format!("table_{at}");
    let text = format!(
        "title: Table number {at}
owner: team-{team}

expand:
  - create_table:
      table: {table}
      columns:
        - {{ name: id, type: integer, primary_key: true }}
        - {{ name: name, type: text, nullable: false }}
        - {{ name: amount, type: bigint, nullable: false, default: \"0\", check: \"amount >= 0\" }}
        - {{ name: note, type: text }}
  - create_index: {{ table: {table}, columns: [name] }}
  - create_index: {{ table: {table}, columns: [amount, name], where: \"amount > 0\" }}
",
        team = at % 7,
    );
    (format!("create_{table}"), text)
}

fn change(at: usize, n_tables: usize) -> (String, String) {
    // Neighbouring plans work on far tables, as those of different teams do.
    let table_at = (at * 7) % n_tables;
    let table = format!("table_{table_at}");
    let mut after = format!("create_{table}");
    if at.is_multiple_of(5) {
        after += &format!(", create_table_{}", (table_at + 1) % n_tables);
    }
    let head = format!("title: Change number {at}\nowner: team-{}\nafter: [{after}]\n\n", at % 7);
    let body = match at % 3 {
        0 => format!(
            "expand:
  - add_column: {{ table: {table}, column: a_{at}, type: text }}
  - add_column: {{ table: {table}, column: b_{at}, type: bigint, nullable: false, default: \"0\" }}
  - create_index: {{ table: {table}, columns: [a_{at}], where: \"b_{at} > 0\" }}
"
        ),
        1 => format!(
            "expand:
  - add_column: {{ table: {table}, column: old_{at}, type: text }}
  - add_column: {{ table: {table}, column: new_{at}, type: text }}
  - id: keep
    sync_columns: {{ table: {table}, forward: {{ new_{at}: \"upper(old_{at})\" }}, backward: {{ old_{at}: \"lower(new_{at})\" }} }}

backfill:
  - update: {{ table: {table}, set: {{ new_{at}: \"upper(old_{at})\" }}, where: \"new_{at} IS NULL AND old_{at} IS NOT NULL\" }}

contract:
  - drop_sync: {{ step: keep }}
  - drop_column: {{ table: {table}, column: old_{at}, replaced_by: [new_{at}] }}

gates:
  contract: {{ releases: {{ web: \">=2.0.0\" }}, soak: 1h }}
"
        ),
        _ => format!(
            "expand:
  - add_column: {{ table: {table}, column: c_{at}, type: text }}
  - add_column: {{ table: {table}, column: d_{at}, type: text }}
  - create_index: {{ table: {table}, columns: [c_{at}] }}
  - create_index: {{ table: {table}, columns: [{{ expression: \"lower(d_{at})\" }}], name: d_{at}_lower }}
"
        ),
    };
    (format!("change_{at}"), head + &body)
}
