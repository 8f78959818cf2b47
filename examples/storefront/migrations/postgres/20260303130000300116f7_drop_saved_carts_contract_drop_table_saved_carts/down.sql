-- planner: drop_saved_carts/contract/drop_table_saved_carts
-- Saved carts are gone from the shop
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE saved_carts (
  id bigint NOT NULL,
  customer_id bigint NOT NULL,
  content text NOT NULL,
  CONSTRAINT saved_carts_pkey PRIMARY KEY (id)
);
