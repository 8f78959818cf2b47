-- planner: replace_sku/expand/add_column_products_sku
-- Stock keeping units in the supplier's spelling
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE products ADD COLUMN sku text;
