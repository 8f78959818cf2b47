//! The command line as a user meets it: exit codes, messages, files.

mod adopted;
mod authoring;
mod bad_files;
mod by_hand;
mod compat;
mod databases;
mod debt;
mod deploys;
mod drift;
mod formats;
mod gates;
mod hostile;
mod hostile_sql;
mod imported;
mod json;
mod locked;
mod needs;
mod prove;
mod remembered;
mod schemas;
mod since;
mod traps;
mod underlined;
mod verify;
mod verify_ends;
mod verify_history;
