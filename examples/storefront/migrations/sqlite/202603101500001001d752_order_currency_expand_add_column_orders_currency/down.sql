-- planner: order_currency/expand/add_column_orders_currency
-- Orders in more than one currency
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting order_currency/expand/add_column_orders_currency destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_202603101500001001d752');
DROP TABLE temp.planner_guard;
ALTER TABLE orders DROP COLUMN currency;
