-- planner: require_order_total/backfill/update_orders_total_cents
-- Every order knows its total
SET LOCAL lock_timeout = '2000ms';
UPDATE orders SET total_cents = ((SELECT coalesce(sum(l.quantity * l.price_cents), 0) FROM order_lines AS l WHERE l.order_id = orders.id)) WHERE (total_cents IS NULL);
