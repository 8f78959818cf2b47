-- planner: create_heartbeats/expand/create_table_planner_heartbeats
-- Which instances of which releases say that they run
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_202611220000001001516d') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting create_heartbeats/expand/create_table_planner_heartbeats destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TABLE planner_heartbeats;
