//! The fields of a column, shared by `create_table` and `add_column`.
