-- planner: order_currency/expand/add_column_orders_currency
-- Orders in more than one currency
ALTER TABLE orders ADD COLUMN currency TEXT NOT NULL DEFAULT 'EUR';
