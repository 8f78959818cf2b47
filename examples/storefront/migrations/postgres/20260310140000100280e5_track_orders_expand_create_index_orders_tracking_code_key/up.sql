-- planner: track_orders/expand/create_index_orders_tracking_code_key
-- Orders carry the parcel's tracking code
CREATE UNIQUE INDEX CONCURRENTLY orders_tracking_code_key ON orders (tracking_code);
