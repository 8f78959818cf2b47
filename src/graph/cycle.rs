//! A cycle told edge by edge.
