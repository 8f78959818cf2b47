-- planner: product_view/expand/create_view_product_prices
-- What the newsletter may read
SET LOCAL lock_timeout = '2000ms';
DROP VIEW product_prices;
