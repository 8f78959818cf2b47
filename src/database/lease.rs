//! One runner at a time.
