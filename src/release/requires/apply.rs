//! What `requires.yaml` says, put on top of what `schema.rs` declares.

use std::collections::BTreeSet;

use super::Mentioned;
use super::written::{WrittenAccess, WrittenEnum, WrittenRawTable, WrittenRequires, WrittenTable};
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::name::{Name, ObjectName};
use crate::release::requirement::{
    Access, ColumnNeed, EnumNeed, Place, Requirements, TableNeed, UpsertNeed,
};
use crate::source::{SourceId, Sources, Span, Spanned};

/// Narrows and extends what a release needs; what the file says of unknown tables and columns is reported.
///
/// `types` are the custom SQL types of the release's `schema.rs`.
pub fn apply(
    needs: &mut Requirements,
    types: &BTreeSet<ObjectName>,
    written: &WrittenRequires,
    sources: &Sources,
    source: SourceId,
    sink: &mut Sink,
) -> Mentioned {
    let Some(file) = sources.get(source) else { return Mentioned::new() };
    let breaks = file.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    let lines = breaks.map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect();
    let n_files = needs.files.len();
    needs.files.push(file.path.to_string());
    let mentioned = Mentioned::new();
    let mut apply = Apply { needs, lines, file: n_files, mentioned, sink };
    for (name, table) in written.tables.iter().flat_map(|named| &named.0) {
        apply.table(name, table);
    }
    // What is only read elsewhere may well be written by SQL of the app's own.
    for (name, raw) in written.raw_sql.iter().flat_map(|named| &named.0) {
        apply.raw_table(name, raw);
    }
    for (name, of) in written.enums.iter().flat_map(|named| &named.0) {
        apply.of_enum(name, of, types);
    }
    for name in &written.ignores {
        apply.ignore_table(name, written);
    }
    for name in &written.satisfies {
        if !apply.needs.satisfies.contains(name) {
            apply.needs.satisfies.push(name.clone());
        }
    }
    let Apply { needs, mentioned, .. } = apply;
    for table in &mut needs.tables {
        table.columns.retain(|column| column.reads || column.writes);
    }
    needs.tables.sort_by(|one, other| one.name.cmp(&other.name));
    needs.enums.sort_by(|one, other| one.name.cmp(&other.name));
    mentioned
}

struct Apply<'a> {
    needs: &'a mut Requirements,
    /// Where the file's lines end.
    lines: Vec<u32>,
    /// The file among those of the requirements.
    file: usize,
    mentioned: Mentioned,
    sink: &'a mut Sink,
}

impl Apply<'_> {
    fn place(&self, span: Span) -> Place {
        let before = self.lines.partition_point(|end| *end < span.start);
        Place { file: self.file, line: u32::try_from(before + 1).unwrap_or(u32::MAX) }
    }

    /// Adds what raw SQL uses.
    fn raw_table(&mut self, written: &Spanned<Name>, raw: &WrittenRawTable) {
        let name = ObjectName::parse(written.value.as_str());
        let place = self.place(written.span);
        let only_read = raw.columns.is_empty() && raw.writes.is_empty();
        let implied = if only_read { Access::READ_ONLY } else { Access::ALL };
        let access = raw.access.as_ref().map_or(implied, |access| access.value.0);
        let known = self.needs.tables.iter().position(|table| table.name == name);
        let at = known.unwrap_or_else(|| {
            let (columns, upserts) = (Vec::new(), Vec::new());
            let table = TableNeed { name: name.clone(), place, access, columns, upserts };
            self.needs.tables.push(table);
            self.needs.tables.len() - 1
        });
        let uses =
            [(&raw.columns, true, true), (&raw.reads, true, false), (&raw.writes, false, true)];
        for (columns, reads, writes) in uses {
            for column in columns {
                let place = self.place(column.span);
                self.mentioned.insert((name.clone(), column.value.clone()));
                let Some(table) = self.needs.tables.get_mut(at) else { continue };
                raw_column(table, &column.value, place, reads, writes);
            }
        }
        let Some(mut table) = self.needs.tables.get(at).cloned() else { return };
        table.access = Access {
            inserts: table.access.inserts || access.inserts,
            updates: table.access.updates || access.updates,
            deletes: table.access.deletes || access.deletes,
        };
        self.always(&mut table, &raw.always_writes);
        self.upserts(&mut table, &raw.upserts);
        if let Some(slot) = self.needs.tables.get_mut(at) {
            *slot = table;
        }
    }

    /// Narrows what `schema.rs` declares.
    fn table(&mut self, written: &Spanned<Name>, said: &WrittenTable) {
        let Some(at) = self.known_table(written.value.as_str(), written.span) else { return };
        let Some(mut table) = self.needs.tables.get(at).cloned() else { return };
        if let Some(Spanned { value: WrittenAccess(access), .. }) = said.access {
            table.access = access;
        }
        let reads = said.reads.as_deref().map(|names| self.known_columns(&table, names, true));
        let writes = said.writes.as_deref().map(|names| self.known_columns(&table, names, true));
        let ignored = self.known_columns(&table, &said.ignores, false);
        for column in &mut table.columns {
            let is_among = |names: &Option<BTreeSet<Name>>| {
                names.as_ref().is_none_or(|names| names.contains(&column.name))
            };
            column.reads = column.reads && is_among(&reads);
            // A view that is said to be written is.
            let may_write = column.writes || said.access.is_some() || said.writes.is_some();
            column.writes = may_write && table.access.writes() && is_among(&writes);
        }
        if let Some(written) = said.writes.as_ref().filter(|names| !names.is_empty())
            && !table.access.writes()
        {
            self.contradiction(written.first(), "is written, and `access` says that nothing is");
        }
        self.always(&mut table, &said.always_writes);
        self.upserts(&mut table, &said.upserts);
        for list in [said.reads.as_deref(), said.writes.as_deref(), Some(&said.always_writes)] {
            for column in list.into_iter().flatten() {
                if ignored.contains(&column.value) {
                    self.contradiction(Some(column), "is used, and `ignores` says that it is not");
                }
            }
        }
        table.columns.retain(|column| !ignored.contains(&column.name));
        if let Some(slot) = self.needs.tables.get_mut(at) {
            *slot = table;
        }
    }

    fn always(&mut self, table: &mut TableNeed, names: &[Spanned<Name>]) {
        let known = self.known_columns(table, names, true);
        if !table.access.inserts {
            self.contradiction(names.first(), "is in every insert, and `access` has no `insert`");
        }
        for column in &mut table.columns {
            column.always_written |= known.contains(&column.name);
        }
        for name in names {
            let is_written = table.columns.iter().any(|of| of.name == name.value && of.writes);
            if known.contains(&name.value) && !is_written && table.access.inserts {
                self.contradiction(Some(name), "is in every insert, and `writes` does not have it");
            }
        }
    }

    fn upserts(&mut self, table: &mut TableNeed, lists: &[Spanned<Vec<Spanned<Name>>>]) {
        for list in lists {
            if list.value.is_empty() {
                let message = "an upsert conflicts on no column";
                let finding = Diagnostic::new(code::INVALID_VALUE, message).at(list.span);
                self.sink.report(finding.help("name the columns of its `ON CONFLICT`"));
                continue;
            }
            if !table.access.inserts {
                self.contradiction(
                    list.value.first(),
                    "is upserted on, and `access` has no `insert`",
                );
            }
            self.known_columns(table, &list.value, true);
            let columns: Vec<Name> = list.value.iter().map(|name| name.value.clone()).collect();
            let place = self.place(list.span);
            let sorted = |columns: &[Name]| columns.iter().cloned().collect::<BTreeSet<_>>();
            if !table.upserts.iter().any(|known| sorted(&known.columns) == sorted(&columns)) {
                table.upserts.push(UpsertNeed { columns, place });
            }
        }
    }

    fn of_enum(&mut self, written: &Spanned<Name>, of: &WrittenEnum, types: &BTreeSet<ObjectName>) {
        let name = ObjectName::parse(written.value.as_str());
        // A schema without any custom type says nothing of types; its enums may be read as texts.
        if !types.is_empty() && !types.contains(&name) {
            let known: Vec<String> = types.iter().map(ToString::to_string).collect();
            self.unknown(
                &format!("`schema.rs` declares no type `{name}`"),
                written.span,
                &name.to_string(),
                &known,
            );
            return;
        }
        self.needs.enums.push(EnumNeed {
            name,
            place: self.place(written.span),
            reads: of.reads.clone(),
            writes: of.writes.clone(),
        });
    }

    fn ignore_table(&mut self, name: &Spanned<ObjectName>, written: &WrittenRequires) {
        let Some(at) = self.known_table(&name.value.to_string(), name.span) else { return };
        let said = written.tables.iter().flat_map(|named| &named.0).map(|(key, _)| key);
        let raw = written.raw_sql.iter().flat_map(|named| &named.0).map(|(key, _)| key);
        if let Some(key) =
            said.chain(raw).find(|key| ObjectName::parse(key.value.as_str()) == name.value)
        {
            self.contradiction(Some(key), "is used, and `ignores` says that it is not");
            return;
        }
        self.needs.tables.remove(at);
    }

    /// Returns the place of a table among those needed; reports one that is not there.
    fn known_table(&mut self, text: &str, span: Span) -> Option<usize> {
        let name = ObjectName::parse(text);
        let found = self.needs.tables.iter().position(|table| table.name == name);
        if found.is_none() {
            let known: Vec<String> =
                self.needs.tables.iter().map(|table| table.name.to_string()).collect();
            self.unknown(
                &format!("no table `{name}` is declared"),
                span,
                &name.to_string(),
                &known,
            );
        }
        found
    }

    /// Returns those of the names that are columns of the table; reports the others.
    fn known_columns(
        &mut self,
        table: &TableNeed,
        names: &[Spanned<Name>],
        is_use: bool,
    ) -> BTreeSet<Name> {
        let mut found = BTreeSet::new();
        for name in names {
            if table.column(&name.value).is_none() {
                let known: Vec<String> =
                    table.columns.iter().map(|column| column.name.to_string()).collect();
                let message = format!("no column `{}` of `{}` is declared", name.value, table.name);
                self.unknown(&message, name.span, name.value.as_str(), &known);
                continue;
            }
            if is_use {
                self.mentioned.insert((table.name.clone(), name.value.clone()));
            }
            found.insert(name.value.clone());
        }
        found
    }

    fn unknown(&mut self, message: &str, span: Span, name: &str, known: &[String]) {
        let near = did_you_mean(name, known.iter().map(String::as_str));
        let help = near.unwrap_or_else(|| {
            "declare it in `schema.rs`, or name it under `raw_sql` if only SQL of your own uses it".to_owned()
        });
        let finding = Diagnostic::new(code::UNKNOWN_OBJECT, message).at(span);
        self.sink.report(finding.help(help));
    }

    fn contradiction(&mut self, name: Option<&Spanned<Name>>, what: &str) {
        let Some(name) = name else { return };
        let message = format!("`{}` {what}", name.value);
        let finding = Diagnostic::new(code::INVALID_VALUE, message).at(name.span);
        self.sink.report(finding.help("keep the one that is right"));
    }
}

fn raw_column(table: &mut TableNeed, name: &Name, place: Place, reads: bool, writes: bool) {
    let mut known = table.columns.iter_mut().filter(|column| column.name == *name).peekable();
    if known.peek().is_none() {
        let name = name.clone();
        table.columns.push(ColumnNeed {
            name,
            place,
            declared: None,
            reads,
            writes,
            always_written: false,
        });
        return;
    }
    for column in known {
        column.reads |= reads;
        column.writes |= writes;
    }
}
