-- planner: create_products/expand/create_table_products
-- Products
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE products (
  id bigint NOT NULL,
  title text NOT NULL,
  price_cents bigint NOT NULL,
  legacy_sku text,
  CONSTRAINT products_pkey PRIMARY KEY (id),
  CONSTRAINT products_price_cents_check CHECK (price_cents >= 0)
);
