-- planner: create_products/expand/create_table_products
-- Products
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_20260105090100100168ae') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting create_products/expand/create_table_products destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
DROP TABLE products;
