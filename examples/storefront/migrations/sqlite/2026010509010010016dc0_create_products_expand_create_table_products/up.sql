-- planner: create_products/expand/create_table_products
-- Products
CREATE TABLE products (
    id INTEGER NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    legacy_sku TEXT,
    CONSTRAINT products_price_cents_check CHECK (price_cents >= 0)
);
