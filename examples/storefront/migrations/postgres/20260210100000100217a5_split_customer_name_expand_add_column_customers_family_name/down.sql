-- planner: split_customer_name/expand/add_column_customers_family_name
-- Store given and family names separately
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_20260210100000100217a5') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting split_customer_name/expand/add_column_customers_family_name destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE customers DROP COLUMN family_name;
