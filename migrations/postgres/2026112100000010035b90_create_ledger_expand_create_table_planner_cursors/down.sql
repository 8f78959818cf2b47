-- planner: create_ledger/expand/create_table_planner_cursors
-- Planner's own record in the database it works on
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026112100000010035b90') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting create_ledger/expand/create_table_planner_cursors destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TABLE planner_cursors;
