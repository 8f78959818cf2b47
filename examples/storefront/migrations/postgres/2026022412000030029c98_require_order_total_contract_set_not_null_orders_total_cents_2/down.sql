-- planner: require_order_total/contract/set_not_null_orders_total_cents
-- Every order knows its total
SELECT 1;
