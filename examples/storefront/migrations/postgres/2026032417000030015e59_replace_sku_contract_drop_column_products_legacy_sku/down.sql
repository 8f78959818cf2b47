-- planner: replace_sku/contract/drop_column_products_legacy_sku
-- Stock keeping units in the supplier's spelling
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE products ADD COLUMN legacy_sku text;
