//! `DO` blocks: the statements inside, where it can be told that they run.

use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode, PlpgsqlStmt, Stmt};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::guards::{self, Guard};
use super::reading::{At, Reading};
use super::{bodies, data, depth, statement, touches, transactions};
use crate::catalog::ObjectKind;
use crate::change::{Change, Other, Verb};
use crate::name::ObjectName;
use crate::readers::{Meaning, Part};

/// Blocks and strings that run one inside another, beyond which nothing is read.
const NESTING_MAX: u8 = 4;

/// `DO`.
pub(super) fn read(reading: &mut Reading<'_>, node: &ast::Do) -> Option<()> {
    block(reading, node, 0)
}

fn block(reading: &mut Reading<'_>, node: &ast::Do, nesting: u8) -> Option<()> {
    let language = node.do_language().and_then(|language| language.language_name());
    if language.is_some_and(|language| !language.name.eq_ignore_ascii_case("plpgsql")) {
        reading.opaque(node.syntax(), "a `DO` block is in another language than plpgsql");
        return Some(());
    }
    let decoded = node.body()?.decoded_value()?;
    let text = decoded.text().to_owned();
    let body = bodies::plpgsql(&text).filter(|_| nesting <= NESTING_MAX);
    let Some(body) = body else {
        reading.opaque(node.syntax(), "a `DO` block nests too deep to be read");
        return Some(());
    };
    if let Some(problem) = body.problem {
        reading
            .opaque(node.syntax(), format!("the body of a `DO` block cannot be read: {problem}"));
        return Some(());
    }
    let start = usize::from(decoded.source_range(body.tree.syntax().text_range()).start());
    let whole = reading.place(node.syntax());
    let is_verbatim = reading.text.get(start..).is_some_and(|rest| rest.starts_with(&text));
    let at = match &reading.at {
        At::From(base) if is_verbatim => At::From(base + start),
        At::From(_) | At::Within(_) => At::Within(whole),
    };
    let mut inner = reading.nested(&text, at);
    let mut walk = Walk { reading: &mut inner, has_variables: false, has_left: false, nesting };
    if let Some(block) = body.tree.block() {
        walk.block(&block, &Guard::Surely);
    }
    reading.absorb(inner);
    Some(())
}

/// A walk through the statements of a block.
struct Walk<'r, 'a> {
    reading: &'r mut Reading<'a>,
    /// Whether a name in a statement may be a variable.
    has_variables: bool,
    /// Whether the block may have been left before this point.
    has_left: bool,
    nesting: u8,
}

impl Walk<'_, '_> {
    fn block(&mut self, block: &ast::PlpgsqlBlock, guard: &Guard) {
        let had_variables = self.has_variables;
        self.has_variables |= block.declare_section().is_some();
        let guard = match block.exception() {
            Some(section) => guard.clone().and(guards::of_exception(&section)),
            None => guard.clone(),
        };
        if let Some(body) = block.body() {
            self.body(&body, &guard);
        }
        let handlers = block.exception().into_iter().flat_map(|section| section.handlers());
        for body in handlers.filter_map(|handler| handler.body()) {
            self.body(&body, &Guard::maybe("it runs only where something before it fails"));
        }
        self.has_variables = had_variables;
    }

    fn body(&mut self, body: &ast::PlpgsqlBody, guard: &Guard) {
        for stmt in body.stmts() {
            let left = Guard::maybe("the block may be left before it");
            let guard = if self.has_left { left } else { guard.clone() };
            self.stmt(&stmt, &guard);
        }
    }

    fn stmt(&mut self, stmt: &PlpgsqlStmt, guard: &Guard) {
        let node = stmt.syntax();
        match stmt {
            PlpgsqlStmt::PlpgsqlBlock(block) => self.block(block, guard),
            PlpgsqlStmt::PlpgsqlIfStmt(of) => self.branches(of, guard),
            PlpgsqlStmt::PlpgsqlExecSqlStmt(of) => {
                if let Some(sql) = of.stmt() {
                    self.sql(&sql, guard);
                }
            }
            PlpgsqlStmt::PlpgsqlDynExecuteStmt(of) => self.execute(of, guard),
            PlpgsqlStmt::PlpgsqlCallStmt(_) => {
                self.guarded(node, guard, |inner| {
                    data::query(inner, node, None);
                });
            }
            PlpgsqlStmt::PlpgsqlDoStmt(of) => {
                let (Some(inner), nesting) = (of.do_(), self.nesting + 1) else { return };
                self.guarded(node, guard, |reading| {
                    block(reading, &inner, nesting);
                });
            }
            PlpgsqlStmt::PlpgsqlPerformStmt(_)
            | PlpgsqlStmt::PlpgsqlAssignStmt(_)
            | PlpgsqlStmt::PlpgsqlAssertStmt(_)
            | PlpgsqlStmt::PlpgsqlOpenStmt(_) => {
                if touches::writes(node) {
                    self.guarded(node, guard, |inner| {
                        data::query(inner, node, None);
                    });
                }
            }
            PlpgsqlStmt::PlpgsqlCaseStmt(_)
            | PlpgsqlStmt::PlpgsqlForCursorStmt(_)
            | PlpgsqlStmt::PlpgsqlForDynStmt(_)
            | PlpgsqlStmt::PlpgsqlForEachStmt(_)
            | PlpgsqlStmt::PlpgsqlForIStmt(_)
            | PlpgsqlStmt::PlpgsqlForQueryStmt(_)
            | PlpgsqlStmt::PlpgsqlLoopStmt(_)
            | PlpgsqlStmt::PlpgsqlWhileStmt(_) => self.repeated(node),
            PlpgsqlStmt::PlpgsqlReturnStmt(_)
            | PlpgsqlStmt::PlpgsqlExitStmt(_)
            | PlpgsqlStmt::PlpgsqlContinueStmt(_)
            | PlpgsqlStmt::PlpgsqlReturnNextStmt(_)
            | PlpgsqlStmt::PlpgsqlReturnQueryExecuteStmt(_)
            | PlpgsqlStmt::PlpgsqlReturnQueryStmt(_) => self.has_left = true,
            PlpgsqlStmt::PlpgsqlCommitStmt(_) | PlpgsqlStmt::PlpgsqlRollbackStmt(_) => {
                self.reading.opaque(node, "a `DO` block ends the transaction that it is in");
            }
            PlpgsqlStmt::PlpgsqlCloseStmt(_)
            | PlpgsqlStmt::PlpgsqlFetchStmt(_)
            | PlpgsqlStmt::PlpgsqlGetDiagStmt(_)
            | PlpgsqlStmt::PlpgsqlMoveStmt(_)
            | PlpgsqlStmt::PlpgsqlNullStmt(_)
            | PlpgsqlStmt::PlpgsqlRaiseStmt(_) => {}
        }
    }

    /// `IF`: what tests whether the thing is there already is `IF NOT EXISTS` in other words.
    fn branches(&mut self, of: &ast::PlpgsqlIfStmt, guard: &Guard) {
        let is_alone = of.else_clause().is_none() && of.elsifs().next().is_none();
        let tested = match of.cond() {
            Some(cond) if is_alone => guards::of_condition(&cond),
            _ => Guard::maybe("it runs only under a condition"),
        };
        let had_left = self.has_left;
        if let Some(body) = of.then_body() {
            self.body(&body, &guard.clone().and(tested));
        }
        let maybe = Guard::maybe("it runs only under a condition");
        for body in of.elsifs().filter_map(|of| of.body()) {
            self.body(&body, &maybe);
        }
        if let Some(body) = of.else_clause().and_then(|of| of.body()) {
            self.body(&body, &maybe);
        }
        self.has_left |= had_left;
    }

    /// A loop, or a `CASE`: nobody knows how often its statements run.
    fn repeated(&mut self, node: &SyntaxNode) {
        let had_variables = self.has_variables;
        self.has_variables = true;
        let maybe = Guard::maybe("nobody knows how often it runs");
        let had_left = self.has_left;
        let bodies = node.descendants().filter_map(ast::PlpgsqlBody::cast);
        // Bodies inside these are reached from them.
        let own = bodies.filter(|body| {
            let mut above = body.syntax().ancestors().skip(1).take_while(|above| above != node);
            !above.any(|above| above.kind() == SyntaxKind::PLPGSQL_BODY)
        });
        for body in own.collect::<Vec<_>>() {
            self.body(&body, &maybe);
        }
        // `EXIT` leaves the loop, not the block.
        let returns = node.descendants().any(|node| node.kind() == SyntaxKind::PLPGSQL_RETURN_STMT);
        self.has_left = had_left || returns;
        self.has_variables = had_variables;
    }

    fn sql(&mut self, sql: &Stmt, guard: &Guard) {
        let has_variables = self.has_variables;
        self.guarded(sql.syntax(), guard, |inner| match sql {
            Stmt::SelectInto(select) => {
                transactions::query(inner, select);
            }
            // Where a name may be a variable, the values are not known.
            Stmt::Insert(_) | Stmt::Update(_) | Stmt::Delete(_) if has_variables => {
                let on = touches::target(inner, sql.syntax());
                data::query(inner, sql.syntax(), on);
            }
            sql => statement::read(inner, sql),
        });
    }

    /// `EXECUTE`: of a plain string what it says, of anything else nobody knows what.
    fn execute(&mut self, of: &ast::PlpgsqlDynExecuteStmt, guard: &Guard) {
        let literal = of.query().and_then(|query| guards::only_literal(query.syntax()));
        let text = literal.and_then(|literal| literal.string_value());
        let nesting = self.nesting;
        let Some(text) = text.filter(|text| nesting < NESTING_MAX && depth::is_shallow(text))
        else {
            self.reading.opaque(of.syntax(), "a `DO` block runs SQL that it puts together");
            return;
        };
        let parse = SourceFile::parse(&text);
        if let Some(error) = parse.errors().first() {
            let message = crate::expressions::plain_message_postgres(error.message());
            self.reading.opaque(of.syntax(), format!("what is executed cannot be read: {message}"));
            return;
        }
        let place = self.reading.place(of.syntax());
        self.guarded(of.syntax(), guard, |outer| {
            let mut inner = outer.nested(&text, At::Within(place.clone()));
            for stmt in parse.tree().stmts() {
                match &stmt {
                    Stmt::Do(again) => {
                        block(&mut inner, again, nesting + 1);
                    }
                    stmt => statement::read(&mut inner, stmt),
                }
            }
            outer.absorb(inner);
        });
    }

    /// Reads what a statement does, and takes it as far as it is certain.
    fn guarded(&mut self, node: &SyntaxNode, guard: &Guard, read: impl FnOnce(&mut Reading<'_>)) {
        if *guard == Guard::Surely {
            let n_parts = self.reading.parts.len();
            read(self.reading);
            // The words of this statement are not those of the next.
            self.reading.how = crate::readers::How::default();
            debug_assert!(self.reading.parts.len() >= n_parts, "parts only come on top");
            return;
        }
        let mut apart = self.reading.nested(self.reading.text, self.reading.at.clone());
        read(&mut apart);
        let parts: Vec<Part> = std::mem::take(&mut apart.parts);
        self.reading.absorb(apart);
        let catalog = self.reading.now().clone();
        let on = written(&parts);
        let may = parts.iter().filter_map(|part| match &part.meaning {
            Meaning::Change(change) => Some(Change::clone(change)),
            Meaning::Opaque { .. } | Meaning::Unreadable { .. } => None,
        });
        let may = may.collect();
        let taken = guard.take(parts, catalog);
        match taken {
            Ok(parts) => self.reading.parts.extend(parts),
            // However often it runs, it does no more than to write rows of that table.
            Err(_) if on.is_some() => {
                data::query(self.reading, node, on);
            }
            Err(why) => {
                let touches = touches::of(self.reading, node);
                self.reading.uncertain(node, why, touches, may);
            }
        }
    }
}

/// Returns the table whose rows are all that these parts write.
fn written(parts: &[Part]) -> Option<ObjectName> {
    let [part] = parts else { return None };
    let Meaning::Change(change) = &part.meaning else { return None };
    if let Change::Write(data) = &**change {
        return Some(data.target().clone());
    }
    if let Change::Other(Other { verb: Verb::Run, kind: ObjectKind::Query, on, .. }) = &**change {
        return on.clone();
    }
    None
}
