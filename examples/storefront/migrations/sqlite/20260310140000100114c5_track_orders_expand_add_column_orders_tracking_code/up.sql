-- planner: track_orders/expand/add_column_orders_tracking_code
-- Orders carry the parcel's tracking code
ALTER TABLE orders ADD COLUMN tracking_code TEXT;
