//! The words for what keys, foreign keys and indexes say beside their columns.

use super::line::Line;
use crate::catalog::{Deferral, Exclusion, KeyTerms, OnConflict, Parameters, ReferenceTerms};
use crate::name::Name;

impl Line {
    pub(super) fn key_terms(&mut self, terms: &KeyTerms) -> &mut Self {
        let KeyTerms {
            deferral,
            nulls_not_distinct,
            include,
            parameters,
            collations,
            on_conflict,
            undeclared: _,
            incomplete,
            part_of,
        } = terms;
        self.deferral(*deferral)
            .flag("nulls_not_distinct", *nulls_not_distinct)
            .names("include", include)
            .parameters("with", parameters);
        for (column, collation) in collations {
            self.open().word("collation").text(column).text(collation).close();
        }
        self.optional("on_conflict", on_conflict.map(OnConflict::word))
            .flag("incomplete", *incomplete)
            .optional("part_of", part_of.as_ref())
    }

    pub(super) fn reference_terms(&mut self, terms: &ReferenceTerms) -> &mut Self {
        let ReferenceTerms {
            deferral,
            match_full,
            on_delete_columns,
            part_of,
            respells_table: _,
            respells_column: _,
        } = terms;
        self.deferral(*deferral)
            .flag("match_full", *match_full)
            .names("on_delete_columns", on_delete_columns)
            .optional("part_of", part_of.as_ref())
    }

    pub(super) fn exclusion(&mut self, exclusion: &Exclusion) -> &mut Self {
        let Exclusion { name, index, operators, deferral } = exclusion;
        self.word("exclude").text(name).index(index).texts(operators).deferral(*deferral)
    }

    pub(super) fn deferral(&mut self, deferral: Deferral) -> &mut Self {
        match deferral {
            Deferral::Never => self,
            Deferral::Possible => self.word("deferrable"),
            Deferral::Initially => self.word("initially_deferred"),
        }
    }

    pub(super) fn parameters(&mut self, word: &str, parameters: &Parameters) -> &mut Self {
        if parameters.is_empty() {
            return self;
        }
        self.word(word).open();
        for (name, value) in parameters {
            self.text(name).text(value);
        }
        self.close()
    }

    fn names(&mut self, word: &str, names: &[Name]) -> &mut Self {
        if names.is_empty() { self } else { self.word(word).texts(names) }
    }
}
