-- planner: product_view/expand/create_view_product_prices
-- What the newsletter may read
SET LOCAL lock_timeout = '2000ms';
CREATE VIEW product_prices AS
SELECT id, title, price_cents FROM products;
