//! Forward, under the lease.
