-- planner: create_orders/expand/create_table_orders
-- Orders and their lines
CREATE TABLE orders (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    total_cents BIGINT,
    placed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id)
);
