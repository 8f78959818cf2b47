-- planner: index_orders_by_customer/expand/create_index_orders_customer_id_placed_at
-- A customer's orders without reading all orders
CREATE INDEX orders_customer_id_placed_at_idx ON orders (customer_id, placed_at DESC);
