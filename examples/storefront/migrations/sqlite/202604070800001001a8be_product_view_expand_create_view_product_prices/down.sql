-- planner: product_view/expand/create_view_product_prices
-- What the newsletter may read
DROP VIEW product_prices;
