-- planner: replace_sku/expand/add_column_products_sku
-- Stock keeping units in the supplier's spelling
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026032417000010011737') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: reverting replace_sku/expand/add_column_products_sku destroys data; use `planner revert`', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE products DROP COLUMN sku;
