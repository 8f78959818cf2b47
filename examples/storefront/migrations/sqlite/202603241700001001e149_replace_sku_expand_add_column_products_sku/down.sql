-- planner: replace_sku/expand/add_column_products_sku
-- Stock keeping units in the supplier's spelling
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting replace_sku/expand/add_column_products_sku destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_202603241700001001e149');
DROP TABLE temp.planner_guard;
ALTER TABLE products DROP COLUMN sku;
