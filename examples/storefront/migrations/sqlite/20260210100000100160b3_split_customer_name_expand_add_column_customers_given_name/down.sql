-- planner: split_customer_name/expand/add_column_customers_given_name
-- Store given and family names separately
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting split_customer_name/expand/add_column_customers_given_name destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_20260210100000100160b3');
DROP TABLE temp.planner_guard;
ALTER TABLE customers DROP COLUMN given_name;
