-- planner: create_orders/expand/create_table_order_lines
-- Orders and their lines
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE order_lines (
  order_id bigint NOT NULL,
  product_id bigint NOT NULL,
  quantity bigint DEFAULT 1 NOT NULL,
  price_cents bigint NOT NULL,
  CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, product_id),
  CONSTRAINT order_lines_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id)
);
