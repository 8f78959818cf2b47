-- planner: split_customer_name/contract/drop_column_customers_name
-- Store given and family names separately
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_20260210100000300227b8') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: split_customer_name/contract is not open; `planner next-phase` says what it waits for', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE customers DROP COLUMN name;
