-- planner: create_orders/expand/create_table_orders
-- Orders and their lines
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE orders (
  id bigint NOT NULL,
  customer_id bigint NOT NULL,
  total_cents bigint,
  placed_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT orders_pkey PRIMARY KEY (id),
  CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id)
);
