-- planner: create_saved_carts/expand/create_table_saved_carts
-- Carts that a customer saved for later
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE saved_carts (
  id bigint NOT NULL,
  customer_id bigint NOT NULL,
  content text NOT NULL,
  CONSTRAINT saved_carts_pkey PRIMARY KEY (id)
);
