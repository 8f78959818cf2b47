-- planner: create_orders/expand/create_table_order_lines
-- Orders and their lines
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_20260105090200100329d3') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting create_orders/expand/create_table_order_lines destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE order_lines DROP CONSTRAINT order_lines_order_id_fkey;
