-- planner: drop_saved_carts/expand/deprecate_table_saved_carts
-- Saved carts are gone from the shop
SELECT 1;
