-- planner: replace_sku/contract/drop_column_products_legacy_sku
-- Stock keeping units in the supplier's spelling
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_2026032417000030015e59') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: replace_sku/contract is not open; `planner next-phase` says what it waits for', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE products DROP COLUMN legacy_sku;
