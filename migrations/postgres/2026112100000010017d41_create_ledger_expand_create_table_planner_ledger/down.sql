-- planner: create_ledger/expand/create_table_planner_ledger
-- Planner's own record in the database it works on
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026112100000010017d41') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting create_ledger/expand/create_table_planner_ledger destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TABLE planner_ledger;
