//! SQL.
pub(crate) fn read(_: &mut diesel::PgConnection) -> Result<crate::catalog::Catalog, crate::database::DatabaseError> {
    todo!()
}
