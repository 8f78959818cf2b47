-- planner: track_orders/expand/add_column_orders_tracking_code
-- Orders carry the parcel's tracking code
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting track_orders/expand/add_column_orders_tracking_code destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_20260310140000100114c5');
DROP TABLE temp.planner_guard;
ALTER TABLE orders DROP COLUMN tracking_code;
