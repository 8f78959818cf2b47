-- planner: track_orders/expand/create_index_orders_tracking_code_key
-- Orders carry the parcel's tracking code
DROP INDEX CONCURRENTLY orders_tracking_code_key;
