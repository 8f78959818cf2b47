-- planner: track_orders/expand/add_column_orders_tracking_code
-- Orders carry the parcel's tracking code
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026031014000010012cdb') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting track_orders/expand/add_column_orders_tracking_code destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE orders DROP COLUMN tracking_code;
