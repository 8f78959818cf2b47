-- planner: replace_sku/backfill/update_products_sku
-- Stock keeping units in the supplier's spelling
SELECT 1;
