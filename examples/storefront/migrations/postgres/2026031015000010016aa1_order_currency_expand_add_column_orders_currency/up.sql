-- planner: order_currency/expand/add_column_orders_currency
-- Orders in more than one currency
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE orders ADD COLUMN currency text DEFAULT 'EUR' NOT NULL;
