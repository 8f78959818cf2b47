-- planner: create_saved_carts/expand/create_table_saved_carts
-- Carts that a customer saved for later
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_202601050903001001b64a') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting create_saved_carts/expand/create_table_saved_carts destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TABLE saved_carts;
