-- planner: require_order_total/contract/set_not_null_orders_total_cents
-- Every order knows its total
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026022412000030029c98') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: require_order_total/contract is not open; `planner next-phase` says what it waits for', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE orders VALIDATE CONSTRAINT planner_orders_total_cents_not_null;
