//! `default-violates-constraint`: the second row with the default fails.

use super::Evidence;
use super::evidence::Detail;
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::operations::Word;

super::declare_rule! {
    /// A column under UNIQUE or FOREIGN KEY gets a constant default, or one gets a default that its CHECK refuses.
    ///
    /// # Why it matters
    ///
    /// The default stands in for what releases leave out. If it is the same for every row, the second row breaks UNIQUE; no row may exist that a foreign
    /// key with it refers to; and a CHECK refuses it at once. Relax in steps instead: drop the constraint, or NOT NULL, in the contract
    /// phase of an earlier plan.
    ///
    /// It may be waived where the constraint is known to hold, such as a foreign key to a row that is always there.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # proves: refuses INSERT INTO users (id) VALUES (1), (2)
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: email, type: text, nullable: false, unique: true }
    /// # file: 2026-02-01-000000_drop_email.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: email, default: "''" }
    /// contract:
    ///   - drop_column: { table: users, column: email }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: email, type: text, nullable: false, unique: true }
    /// # file: 2026-02-01-000000_email_may_miss.yaml
    /// after: [create_users]
    /// contract:
    ///   - drop_not_null: { table: users, column: email }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// # file: 2026-03-01-000000_drop_email.yaml
    /// after: [email_may_miss/contract]
    /// expand:
    ///   - deprecate_column: { table: users, column: email }
    /// contract:
    ///   - drop_column: { table: users, column: email }
    /// gates: { contract: { releases: { web: ">=3.0.0" } } }
    /// ```
    pub static RULE = { id: "EC213", since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in evidence.changes.iter().filter(|judged| !judged.fresh) {
        if let (
            Detail::Default { violates: Some(what), .. },
            Change::SetDefault { table, column, .. },
        ) = (&judged.detail, judged.change)
        {
            let message = format!("rows with the default of `{table}.{column}` fail on {what}");
            let help = "drop the constraint, or the column's NOT NULL, in the contract phase of an earlier plan, and leave the default out";
            let dialect = evidence.context.project.dialect;
            sink.report(judged.finding_at(Word::Default, dialect, CODE, message).help(help));
        }
        if let Detail::Restriction(restriction) = &judged.detail
            && let Some(what) = &restriction.default_violates
        {
            let message =
                format!("rows of `{}` with their defaults fail on {what}", restriction.table);
            let help = "change the default first, or let the check allow it";
            sink.report(judged.finding(CODE, message).help(help));
        }
    }
}
