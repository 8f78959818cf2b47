-- planner: replace_sku/backfill/update_products_sku
-- Stock keeping units in the supplier's spelling
DO $planner$
BEGIN
  IF to_regclass('planner_entries') IS NOT NULL AND to_regclass('planner_open_202603241700002001d95e') IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'planner: replace_sku/backfill is not open; `planner next-phase` says what it waits for', HINT = 'run `planner next-phase` to see what it waits for';
  END IF;
END
$planner$;
SET LOCAL lock_timeout = '2000ms';
UPDATE products SET sku = (upper(legacy_sku)) WHERE (sku IS NULL AND legacy_sku IS NOT NULL);
