-- planner: require_order_total/contract/set_not_null_orders_total_cents
-- Every order knows its total
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE orders DROP CONSTRAINT planner_orders_total_cents_not_null;
