//! Two unordered steps that do not commute.
