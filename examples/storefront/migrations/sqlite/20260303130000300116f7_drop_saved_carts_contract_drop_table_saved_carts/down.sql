-- planner: drop_saved_carts/contract/drop_table_saved_carts
-- Saved carts are gone from the shop
CREATE TABLE saved_carts (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    content TEXT NOT NULL
);
