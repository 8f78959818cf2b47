-- planner: product_view/expand/create_view_product_prices
-- What the newsletter may read
CREATE VIEW product_prices (id, title, price_cents) AS SELECT id, title, price_cents FROM products;
