//! The example project, walked from an empty database to its end, with every live release reading and writing between the steps.

mod shop;
mod walk;
