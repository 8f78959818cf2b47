-- planner: replace_sku/backfill/update_products_sku
-- Stock keeping units in the supplier's spelling
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: replace_sku/backfill is not open; `planner next-phase` says what it waits for" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_202603241700002001d95e');
DROP TABLE temp.planner_guard;
UPDATE products SET sku = upper(legacy_sku) WHERE (sku IS NULL AND legacy_sku IS NOT NULL);
