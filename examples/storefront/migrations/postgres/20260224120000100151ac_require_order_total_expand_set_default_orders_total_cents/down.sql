-- planner: require_order_total/expand/set_default_orders_total_cents
-- Every order knows its total
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE orders ALTER COLUMN total_cents DROP DEFAULT;
