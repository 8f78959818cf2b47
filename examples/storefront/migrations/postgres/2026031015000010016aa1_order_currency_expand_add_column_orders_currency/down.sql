-- planner: order_currency/expand/add_column_orders_currency
-- Orders in more than one currency
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026031015000010016aa1') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting order_currency/expand/add_column_orders_currency destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE orders DROP COLUMN currency;
