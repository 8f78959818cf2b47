-- planner: replace_sku/expand/add_column_products_sku
-- Stock keeping units in the supplier's spelling
ALTER TABLE products ADD COLUMN sku TEXT;
