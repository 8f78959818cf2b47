-- planner: create_orders/expand/create_table_orders
-- Orders and their lines
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_20260105090200100130dd') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting create_orders/expand/create_table_orders destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TABLE orders;
