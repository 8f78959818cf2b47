//! Every statement that the parser knows, and the family that reads it.

use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode, Stmt};
use squawk_syntax::syntax_error::SyntaxError;

use super::reading::Reading;
use super::{
    alter, alter_index, blocks, bodies, data, domains, from_query, index, other, routines,
    sequence, table, transactions, triggers, types, views,
};
use crate::catalog::ObjectKind as Object;
use crate::change::Verb;
use crate::readers::How;

/// Returns where a statement's SQL ends and the rows begin that a client sends.
pub(super) fn end_of_sql(text: &str) -> usize {
    let copies = text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("copy"));
    if !copies || !text.trim_end().ends_with("\\.") {
        return text.len();
    }
    text.find(';').map_or(text.len(), |at| at + 1)
}

/// Returns where a routine is whose body nests too deep to be read, which asking for mistakes would do.
pub(super) fn deep_body(file: &SourceFile) -> Option<usize> {
    let is_routine =
        |stmt: &Stmt| matches!(stmt, Stmt::CreateFunction(_) | Stmt::CreateProcedure(_));
    let deep = file.stmts().find(|stmt| is_routine(stmt) && !bodies::are_shallow(stmt.syntax()))?;
    Some(usize::from(deep.syntax().text_range().start()))
}

/// Returns whether a mistake is inside the body of a function, which only the function's language can judge.
pub(super) fn is_in_body(file: &SourceFile, error: &SyntaxError) -> bool {
    let at = error.range().start();
    let routine = |stmt: &Stmt| {
        matches!(stmt, Stmt::CreateFunction(_) | Stmt::CreateProcedure(_) | Stmt::Do(_))
    };
    file.stmts().filter(routine).any(|stmt| {
        let mut literals = stmt.syntax().descendants().filter_map(ast::Literal::cast);
        literals.any(|literal| {
            let range = literal.syntax().text_range();
            range.start() < at && at < range.end()
        })
    })
}

/// Reads a statement; one whose names cannot be found in the tree is opaque.
pub(super) fn read(reading: &mut Reading<'_>, stmt: &Stmt) {
    if dispatch(reading, stmt).is_none() {
        reading.head = None;
        reading.opaque(stmt.syntax(), "planner does not know this form of the statement");
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one line for each of the statements there are, none of them left out"
)]
fn dispatch(r: &mut Reading<'_>, stmt: &Stmt) -> Option<()> {
    match stmt {
        // Tables, indexes, sequences, views.
        Stmt::CreateTable(n) => table::create(r, n),
        Stmt::CreateTableAs(n) => from_query::create_as(r, n),
        Stmt::SelectInto(n) => from_query::select_into(r, n),
        Stmt::AlterTable(n) => alter::table(r, n),
        Stmt::DropTable(n) => table::drop(r, n),
        Stmt::CreateIndex(n) => index::create(r, n),
        Stmt::AlterIndex(n) => alter_index::alter(r, n),
        Stmt::DropIndex(n) => index::drop(r, n),
        Stmt::CreateSequence(n) => sequence::create(r, n),
        Stmt::AlterSequence(n) => sequence::alter(r, n),
        Stmt::DropSequence(n) => sequence::drop(r, n),
        Stmt::CreateView(n) => views::create(r, n),
        Stmt::CreateMaterializedView(n) => views::create_materialized(r, n),
        Stmt::AlterView(n) => views::alter(r, n),
        Stmt::AlterMaterializedView(n) => views::alter_materialized(r, n),
        Stmt::DropView(n) => {
            let how = alter::dropping(n.if_exists().is_some(), n.drop_behavior());
            views::drop(r, n.syntax(), n.view_refs(), how)
        }
        Stmt::DropMaterializedView(n) => {
            let how = alter::dropping(n.if_exists().is_some(), n.drop_behavior());
            views::drop(r, n.syntax(), n.view_refs(), how)
        }
        Stmt::Refresh(n) => views::refresh(r, n),
        // Triggers, functions.
        Stmt::CreateTrigger(n) => triggers::create(r, n),
        Stmt::AlterTrigger(n) => triggers::alter(r, n),
        Stmt::DropTrigger(n) => triggers::drop(r, n),
        Stmt::CreateFunction(n) => routines::function(r, n),
        Stmt::CreateProcedure(n) => routines::procedure(r, n),
        Stmt::Do(n) => blocks::read(r, n),
        Stmt::AlterFunction(n) => other::alter(r, n, Object::Function),
        Stmt::AlterProcedure(n) => other::alter(r, n, Object::Procedure),
        Stmt::AlterRoutine(n) => other::alter(r, n, Object::Function),
        Stmt::DropFunction(n) => routines::drop(r, n, Object::Function),
        Stmt::DropProcedure(n) => other::drop(r, n, Object::Procedure),
        Stmt::DropRoutine(n) => routines::drop(r, n, Object::Function),
        Stmt::CreateAggregate(n) => other::create(r, n, Object::Aggregate),
        Stmt::AlterAggregate(n) => other::alter(r, n, Object::Aggregate),
        Stmt::DropAggregate(n) => other::drop(r, n, Object::Aggregate),
        // Types.
        Stmt::CreateType(n) => types::create(r, n),
        Stmt::AlterType(n) => types::alter(r, n),
        Stmt::DropType(n) => types::drop(r, n),
        Stmt::CreateDomain(n) => domains::create(r, n),
        Stmt::AlterDomain(n) => domains::alter(r, n),
        Stmt::DropDomain(n) => domains::drop(r, n),
        Stmt::CreateCast(n) => other::create(r, n, Object::Cast),
        Stmt::DropCast(n) => other::drop(r, n, Object::Cast),
        Stmt::CreateCollation(n) => other::create(r, n, Object::Collation),
        Stmt::AlterCollation(n) => other::alter(r, n, Object::Collation),
        Stmt::DropCollation(n) => other::drop(r, n, Object::Collation),
        Stmt::CreateConversion(n) => other::create(r, n, Object::Conversion),
        Stmt::AlterConversion(n) => other::alter(r, n, Object::Conversion),
        Stmt::DropConversion(n) => other::drop(r, n, Object::Conversion),
        Stmt::CreateOperator(n) => other::create(r, n, Object::Operator),
        Stmt::AlterOperator(n) => other::alter(r, n, Object::Operator),
        Stmt::DropOperator(n) => other::drop(r, n, Object::Operator),
        Stmt::CreateOperatorClass(n) => other::create(r, n, Object::OperatorClass),
        Stmt::AlterOperatorClass(n) => other::alter(r, n, Object::OperatorClass),
        Stmt::DropOperatorClass(n) => other::drop(r, n, Object::OperatorClass),
        Stmt::CreateOperatorFamily(n) => other::create(r, n, Object::OperatorClass),
        Stmt::AlterOperatorFamily(n) => other::alter(r, n, Object::OperatorClass),
        Stmt::DropOperatorFamily(n) => other::drop(r, n, Object::OperatorClass),
        // Schemas, extensions, roles, rights.
        Stmt::CreateSchema(n) => other::create_schema(r, n),
        Stmt::AlterSchema(n) => other::alter(r, n, Object::Schema),
        Stmt::DropSchema(n) => other::drop_schema(r, n),
        Stmt::CreateExtension(n) => other::create(r, n, Object::Extension),
        Stmt::AlterExtension(n) => other::alter(r, n, Object::Extension),
        Stmt::DropExtension(n) => other::drop(r, n, Object::Extension),
        Stmt::CreatePolicy(n) => other::create(r, n, Object::Policy),
        Stmt::AlterPolicy(n) => other::alter(r, n, Object::Policy),
        Stmt::DropPolicy(n) => other::drop(r, n, Object::Policy),
        Stmt::CreateRole(n) => other::create(r, n, Object::Role),
        Stmt::AlterRole(n) => other::alter(r, n, Object::Role),
        Stmt::DropRole(n) => other::drop(r, n, Object::Role),
        Stmt::CreateUser(n) => other::create(r, n, Object::Role),
        Stmt::AlterUser(n) => other::alter(r, n, Object::Role),
        Stmt::DropUser(n) => other::drop(r, n, Object::Role),
        Stmt::CreateGroup(n) => other::create(r, n, Object::Role),
        Stmt::AlterGroup(n) => other::alter(r, n, Object::Role),
        Stmt::DropGroup(n) => other::drop(r, n, Object::Role),
        Stmt::Grant(n) => other::privilege(r, n, Verb::Create),
        Stmt::Revoke(n) => other::privilege(r, n, Verb::Drop),
        Stmt::AlterDefaultPrivileges(n) => other::act(r, n, Verb::Alter, Object::Privilege),
        Stmt::SecurityLabel(n) => other::act(r, n, Verb::Alter, Object::Privilege),
        Stmt::Reassign(n) => other::act(r, n, Verb::Alter, Object::Owner),
        Stmt::DropOwned(n) => {
            r.opaque(n.syntax(), "it drops all that a role owns");
            Some(())
        }
        Stmt::CommentOn(n) => other::comment(r, n),
        // Rules, statistics, event triggers, text search, languages, replication, what is elsewhere.
        Stmt::CreateRule(n) => other::create(r, n, Object::Rule),
        Stmt::AlterRule(n) => other::alter(r, n, Object::Rule),
        Stmt::DropRule(n) => other::drop(r, n, Object::Rule),
        Stmt::CreateStatistics(n) => other::create(r, n, Object::Statistics),
        Stmt::AlterStatistics(n) => other::alter(r, n, Object::Statistics),
        Stmt::DropStatistics(n) => other::drop(r, n, Object::Statistics),
        Stmt::CreateEventTrigger(n) => other::create(r, n, Object::EventTrigger),
        Stmt::AlterEventTrigger(n) => other::alter(r, n, Object::EventTrigger),
        Stmt::DropEventTrigger(n) => other::drop(r, n, Object::EventTrigger),
        Stmt::CreateTextSearchConfiguration(n) => other::create(r, n, Object::TextSearch),
        Stmt::CreateTextSearchDictionary(n) => other::create(r, n, Object::TextSearch),
        Stmt::CreateTextSearchParser(n) => other::create(r, n, Object::TextSearch),
        Stmt::CreateTextSearchTemplate(n) => other::create(r, n, Object::TextSearch),
        Stmt::AlterTextSearchConfiguration(n) => other::alter(r, n, Object::TextSearch),
        Stmt::AlterTextSearchDictionary(n) => other::alter(r, n, Object::TextSearch),
        Stmt::AlterTextSearchParser(n) => other::alter(r, n, Object::TextSearch),
        Stmt::AlterTextSearchTemplate(n) => other::alter(r, n, Object::TextSearch),
        Stmt::DropTextSearchConfig(n) => other::drop(r, n, Object::TextSearch),
        Stmt::DropTextSearchDict(n) => other::drop(r, n, Object::TextSearch),
        Stmt::DropTextSearchParser(n) => other::drop(r, n, Object::TextSearch),
        Stmt::DropTextSearchTemplate(n) => other::drop(r, n, Object::TextSearch),
        Stmt::CreateLanguage(n) => other::create(r, n, Object::Language),
        Stmt::AlterLanguage(n) => other::alter(r, n, Object::Language),
        Stmt::DropLanguage(n) => other::drop(r, n, Object::Language),
        Stmt::CreateTransform(n) => other::act(r, n, Verb::Create, Object::Language),
        Stmt::DropTransform(n) => other::act(r, n, Verb::Drop, Object::Language),
        Stmt::CreateAccessMethod(n) => other::create(r, n, Object::AccessMethod),
        Stmt::DropAccessMethod(n) => other::drop(r, n, Object::AccessMethod),
        Stmt::CreatePublication(n) => other::create(r, n, Object::Publication),
        Stmt::AlterPublication(n) => other::alter(r, n, Object::Publication),
        Stmt::DropPublication(n) => other::drop(r, n, Object::Publication),
        Stmt::CreateSubscription(n) => {
            r.alone = Some("CREATE SUBSCRIPTION");
            other::create(r, n, Object::Subscription)
        }
        Stmt::AlterSubscription(n) => other::alter(r, n, Object::Subscription),
        Stmt::DropSubscription(n) => {
            r.alone = Some("DROP SUBSCRIPTION");
            other::drop(r, n, Object::Subscription)
        }
        Stmt::CreateForeignTable(n) => other::create(r, n, Object::Foreign),
        Stmt::AlterForeignTable(n) => other::alter(r, n, Object::Foreign),
        Stmt::DropForeignTable(n) => other::drop(r, n, Object::Foreign),
        Stmt::CreateForeignDataWrapper(n) => other::create(r, n, Object::Foreign),
        Stmt::AlterForeignDataWrapper(n) => other::alter(r, n, Object::Foreign),
        Stmt::DropForeignDataWrapper(n) => other::drop(r, n, Object::Foreign),
        Stmt::CreateServer(n) => other::create(r, n, Object::Foreign),
        Stmt::AlterServer(n) => other::alter(r, n, Object::Foreign),
        Stmt::DropServer(n) => other::drop(r, n, Object::Foreign),
        Stmt::CreateUserMapping(n) => other::act(r, n, Verb::Create, Object::Foreign),
        Stmt::AlterUserMapping(n) => other::act(r, n, Verb::Alter, Object::Foreign),
        Stmt::DropUserMapping(n) => other::act(r, n, Verb::Drop, Object::Foreign),
        Stmt::ImportForeignSchema(n) => other::act(r, n, Verb::Run, Object::Foreign),
        Stmt::CreatePropertyGraph(n) => other::create(r, n, Object::Type),
        Stmt::AlterPropertyGraph(n) => other::alter(r, n, Object::Type),
        Stmt::DropPropertyGraph(n) => other::drop(r, n, Object::Type),
        // The server.
        Stmt::CreateDatabase(n) => {
            r.alone = Some("CREATE DATABASE");
            other::create(r, n, Object::Database)
        }
        Stmt::AlterDatabase(n) => other::alter(r, n, Object::Database),
        Stmt::DropDatabase(n) => {
            r.alone = Some("DROP DATABASE");
            other::drop(r, n, Object::Database)
        }
        Stmt::CreateTablespace(n) => {
            r.alone = Some("CREATE TABLESPACE");
            other::create(r, n, Object::Tablespace)
        }
        Stmt::AlterTablespace(n) => other::alter(r, n, Object::Tablespace),
        Stmt::DropTablespace(n) => {
            r.alone = Some("DROP TABLESPACE");
            other::drop(r, n, Object::Tablespace)
        }
        Stmt::AlterSystem(n) => {
            r.alone = Some("ALTER SYSTEM");
            other::act(r, n, Verb::Alter, Object::Setting)
        }
        Stmt::AlterLargeObject(n) => other::act(r, n, Verb::Alter, Object::Owner),
        // Rows.
        Stmt::Insert(n) => data::insert(r, n),
        Stmt::Update(n) => data::update(r, n),
        Stmt::Delete(n) => data::delete(r, n),
        Stmt::Merge(n) => data::merge(r, n),
        Stmt::Truncate(n) => data::truncate(r, n),
        Stmt::Copy(n) => data::copy(r, n),
        Stmt::Call(n) => data::query(r, n.syntax(), None),
        Stmt::Execute(n) => data::query(r, n.syntax(), None),
        Stmt::Select(n) => transactions::query(r, n),
        Stmt::CompoundSelect(n) => transactions::query(r, n),
        Stmt::ParenSelect(n) => transactions::query(r, n),
        Stmt::Values(n) => transactions::query(r, n),
        Stmt::Table(n) => transactions::query(r, n),
        Stmt::Explain(n) => transactions::query(r, n),
        Stmt::Declare(n) => transactions::query(r, n),
        Stmt::Prepare(n) => transactions::query(r, n),
        // Upkeep.
        Stmt::Vacuum(n) => transactions::maintenance(r, n, Some("VACUUM")),
        Stmt::Analyze(n) => transactions::maintenance(r, n, None),
        Stmt::Cluster(n) => transactions::maintenance(r, n, None),
        Stmt::Repack(n) => transactions::maintenance(r, n, Some("REPACK")),
        Stmt::Checkpoint(n) => transactions::maintenance(r, n, None),
        Stmt::Reindex(n) => transactions::reindex(r, n),
        Stmt::Lock(n) => other::act(r, n, Verb::Run, Object::Lock),
        Stmt::Load(n) => other::act(r, n, Verb::Run, Object::Setting),
        // The transaction.
        Stmt::Begin(_) => transactions::begin(r),
        Stmt::Commit(n) => transactions::commit(r, n),
        Stmt::Rollback(n) => transactions::rollback(r, n),
        Stmt::PrepareTransaction(n) => transactions::prepare(r, n),
        // The session: nothing of it stays.
        Stmt::SavepointCreate(_)
        | Stmt::ReleaseSavepoint(_)
        | Stmt::Set(_)
        | Stmt::SetConstraints(_)
        | Stmt::SetRole(_)
        | Stmt::SetSessionAuth(_)
        | Stmt::SetTransaction(_)
        | Stmt::Reset(_)
        | Stmt::ResetRole(_)
        | Stmt::ResetSessionAuth(_)
        | Stmt::Show(_)
        | Stmt::Close(_)
        | Stmt::Fetch(_)
        | Stmt::Move(_)
        | Stmt::Deallocate(_)
        | Stmt::Listen(_)
        | Stmt::Notify(_)
        | Stmt::Unlisten(_)
        | Stmt::EmptyStmt(_) => Some(()),
        Stmt::Discard(_) => {
            r.how = How::default();
            Some(())
        }
    }
}
