-- planner: replace_sku/contract/drop_column_products_legacy_sku
-- Stock keeping units in the supplier's spelling
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: replace_sku/contract is not open; `planner next-phase` says what it waits for" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_2026032417000030015e59');
DROP TABLE temp.planner_guard;
BEGIN IMMEDIATE;
ALTER TABLE products DROP COLUMN legacy_sku;
COMMIT;
