-- planner: split_customer_name/expand/add_column_customers_given_name
-- Store given and family names separately
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_202602101000001001e830') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting split_customer_name/expand/add_column_customers_given_name destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE customers DROP COLUMN given_name;
