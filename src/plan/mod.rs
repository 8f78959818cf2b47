//! From a plan file's text to a plan whose every name is known.
//!
//! `parse` reads a file into `authored`, the plan as written; `check` resolves names against the catalog
//! as it stands before each step and yields `checked`; `gate` is what must hold before a phase, `places` what is compared before one,
//! and `foundation` what was there before the first plan.

pub mod authored;
pub mod check;
pub mod checked;
pub mod foundation;
pub mod gate;
pub mod parse;
pub mod places;
