//! Timeouts, retries and sizes of a run.

/// Timeouts, retries and sizes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a statement waits for a lock before it gives way, in milliseconds.
    pub lock_timeout_ms: u32,
    /// The same for statements that run alone: waiting, a concurrent index build holds up no reader or writer,
    /// while giving up throws its work away.
    pub alone_lock_timeout_ms: u32,
    /// How long a statement may take, in milliseconds; no limit if nothing is said.
    pub statement_timeout_ms: Option<u32>,
    /// How long a plan's query may take, in milliseconds.
    pub query_timeout_ms: u32,
    /// How often a statement that did not get its lock is tried again.
    pub retries: u32,
    /// The pause before the first further try, in milliseconds; it doubles each time.
    pub backoff_ms: u64,
    /// The longest such pause.
    pub backoff_max_ms: u64,
    /// How long the lease holds without being renewed, in seconds; only SQLite needs it.
    pub lease_s: u32,
    /// How long to wait for another run to end, in milliseconds.
    pub lease_wait_ms: u64,
    /// Rows of a backfill's first batch, and of each if the plan says nothing and time does not.
    pub batch_rows: u32,
    /// How long a batch should take, in milliseconds; the next ones are sized by it.
    pub batch_target_ms: u32,
    /// How often a backfill starts over because rows are left, the first pass included.
    pub passes: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lock_timeout_ms: 2_000,
            alone_lock_timeout_ms: 300_000,
            statement_timeout_ms: None,
            query_timeout_ms: 30_000,
            retries: 10,
            backoff_ms: 100,
            backoff_max_ms: 10_000,
            lease_s: 30,
            lease_wait_ms: 5_000,
            batch_rows: 1_000,
            batch_target_ms: 200,
            passes: 5,
        }
    }
}

impl Limits {
    /// Returns the pause before the next try after so many failed ones, without jitter.
    #[must_use]
    pub fn backoff(&self, n_failed: u32) -> u64 {
        let factor = 1_u64.checked_shl(n_failed.saturating_sub(1)).unwrap_or(u64::MAX);
        self.backoff_ms.saturating_mul(factor).min(self.backoff_max_ms)
    }

    /// Returns how many rows the next batch should have, given that `rows` took so many milliseconds: at most
    /// twice and at least half as many, from 100 to 100,000.
    #[must_use]
    pub fn next_batch(&self, rows: u32, took_ms: u64) -> u32 {
        let target = u64::from(self.batch_target_ms);
        let fitting = u64::from(rows).saturating_mul(target) / took_ms.max(1);
        let (least, most) = (u64::from(rows) / 2, u64::from(rows).saturating_mul(2));
        let rows = fitting.clamp(least, most.max(least)).clamp(100, 100_000);
        u32::try_from(rows).unwrap_or(100_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let limits = Limits::default();
        assert_eq!([1, 2, 3].map(|n| limits.backoff(n)), [100, 200, 400]);
        assert_eq!(limits.backoff(200), limits.backoff_max_ms);
    }

    #[test]
    fn batches_approach_their_time_in_bounded_steps() {
        let limits = Limits::default();
        assert_eq!(limits.next_batch(1_000, 200), 1_000);
        assert_eq!(limits.next_batch(1_000, 1), 2_000);
        assert_eq!(limits.next_batch(1_000, 0), 2_000);
        assert_eq!(limits.next_batch(1_000, 60_000), 500);
        assert_eq!(limits.next_batch(100, 60_000), 100);
        assert_eq!(limits.next_batch(100_000, 1), 100_000);
    }
}
