//! SQL.

use crate::catalog::{Catalog, SqlType};
use crate::change::{Change, DataChange};
use crate::dialects::{BatchQueries, Refusal, RenderContext, Script};
use crate::name::Name;

pub(super) fn render(change: &Change, context: &RenderContext<'_>) -> Result<Script, Refusal> {
    let _ = (change, context);
    todo!()
}
pub(super) fn normalize_type(text: &str) -> SqlType {
    let _ = text;
    todo!()
}
pub(super) fn quote(name: &Name) -> String {
    let _ = name;
    todo!()
}
pub(super) fn batch_queries(change: &DataChange, catalog: &Catalog) -> Option<BatchQueries> {
    let _ = (change, catalog);
    todo!()
}
pub(super) fn batch_end(
    change: &DataChange,
    catalog: &Catalog,
    after: Option<&[String]>,
    upper: &[String],
    rows: u32,
) -> String {
    let _ = (change, catalog, after, upper, rows);
    todo!()
}
pub(super) fn batch_write(
    change: &DataChange,
    catalog: &Catalog,
    after: Option<&[String]>,
    through: &[String],
) -> String {
    let _ = (change, catalog, after, through);
    todo!()
}
pub(super) fn guard(open_marker: &Name, message: &str) -> Vec<String> {
    let _ = (open_marker, message);
    todo!()
}
pub(super) fn fail(message: &str) -> Vec<String> {
    let _ = message;
    todo!()
}
pub(super) fn again(change: &DataChange) -> DataChange {
    let _ = change;
    todo!()
}
