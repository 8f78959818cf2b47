//! The ledger tables through Diesel.
