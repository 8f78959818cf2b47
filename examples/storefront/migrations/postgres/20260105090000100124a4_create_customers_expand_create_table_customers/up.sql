-- planner: create_customers/expand/create_table_customers
-- Customers
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE customers (
  id bigint NOT NULL,
  email text NOT NULL,
  name text,
  created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT customers_pkey PRIMARY KEY (id)
);
