//! A deterministic order of the steps.
