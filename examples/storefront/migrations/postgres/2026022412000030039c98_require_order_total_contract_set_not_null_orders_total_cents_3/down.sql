-- planner: require_order_total/contract/set_not_null_orders_total_cents
-- Every order knows its total
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE orders ADD CONSTRAINT planner_orders_total_cents_not_null CHECK (total_cents IS NOT NULL) NOT VALID;
ALTER TABLE orders ALTER COLUMN total_cents DROP NOT NULL;
