-- planner: create_saved_carts/expand/create_table_saved_carts
-- Carts that a customer saved for later
CREATE TABLE saved_carts (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    content TEXT NOT NULL
);
