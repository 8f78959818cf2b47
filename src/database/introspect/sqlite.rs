//! SQL.
pub(crate) fn read(_: &mut diesel::SqliteConnection) -> Result<crate::catalog::Catalog, crate::database::DatabaseError> {
    todo!()
}
