//! A declarative expand/contract migration planner for teams that use Diesel.
//!
//! This page is the architecture. People write `plans/*.yaml`; planner compiles them into Diesel migrations, orders them
//! against the releases that are live, and refuses any destructive step that no earlier expand phase prepared.
//! The words are those of the glossary in `docs/design.md`.
//!
//! # From text to answer
//!
//! ```text
//! text ─▶ AuthoredPlan ─▶ CheckedPlan ─▶ StepGraph ─▶ CompiledProject ─┐
//!         every value      names known,    acyclic,     up.sql,         ├─▶ next_phase() ─▶ NextPhase
//!         with its place   catalog before  every edge   down.sql,       │    pure
//!                          each step       has a reason metadata        │
//!         database ─▶ Entry ─▶ LedgerSnapshot, Facts (releases, clock) ─┘
//! ```
//!
//! One type a stage, each made only by the stage before it. The modules below are listed in reading order; each imports
//! only from modules above it, and `tests/tidy.rs` enforces that.
//!
//! | layer | modules | may | must not |
//! | --- | --- | --- | --- |
//! | vocabulary | [`source`] [`name`] [`dialect`] [`phase`] [`version`] [`diagnostic`] | compute | do I/O, read a clock |
//! | model | [`catalog`] [`expressions`] [`change`] [`dialects`] [`readers`] | compute | do I/O, read a clock |
//! | plan | [`yaml`] [`config`] [`operations`] [`plan`] | compute | do I/O, read a clock |
//! | judge | [`graph`] [`history`] [`rules`] | compute | do I/O, read a clock |
//! | compile | [`compile`] | compute | do I/O, read a clock |
//! | decide | [`release`] [`ledger`] [`rollout`] | compute | do I/O, read a clock |
//! | world | [`database`] [`execute`] | act on a database | print |
//! | shell | [`exit`] [`formats`] [`shell`] [`commands`] | files, arguments, terminal | decide |
//!
//! # The waist
//!
//! [`change::Change`] is a narrow waist of 39 primitives. An operation lowers to changes and knows no
//! dialect; a dialect renders changes into SQL and knows no operation. A new operation is one file; a new
//! dialect is one folder and a catalog reader; only a new primitive touches everything, and then the compiler lists the places.
//!
//! A `sql` step lowers to the changes that its text is read as, so that everything judges it like any other; it runs as its author
//! wrote it ([`change::Written`]).
//!
//! # The seam
//!
//! [`database::Database`] is the only door to the world. The tests stand in it to let a run die before and
//! after every effect.
//!
//! # Invariants
//!
//! - Checks never print and never stop at the first finding: they fill a [`diagnostic::Sink`].
//! - The same files give the same bytes: no hash is iterated, no clock is read below the shell.
//! - A statement either shares a transaction with its records or says how to find out whether it was done
//!   ([`dialects::Transaction`]).
//! - The answer is a pure function ([`rollout::next_phase()`]) of plans, ledger, releases and clock.
//! - No message and no table holds a password.
//!
//! # For applications
//!
//! [`Heartbeat`] says at an interval which release runs, so that planner knows that it is live; [`startup::check`] refuses to
//! start a release that the schema cannot serve. For programs that migrate when they start, [`database::migration_source`]
//! offers a Diesel `MigrationSource` that yields only what is open.

pub mod source;

pub mod name;

pub mod dialect;

pub mod phase;

pub mod version;

pub mod diagnostic;

pub mod catalog;

pub mod expressions;

pub mod change;

pub mod dialects;

pub mod readers;

pub mod yaml;

pub mod config;

pub mod operations;

pub mod plan;

pub mod graph;

pub mod history;

pub mod rules;

pub mod compile;

pub mod release;

pub mod ledger;

pub mod rollout;

pub mod database;

pub mod execute;

pub mod exit;

pub mod formats;

pub mod shell;

pub mod commands;

pub use database::heartbeat::{Beating, Heartbeat, HeartbeatError};
pub use database::startup;
