-- planner: split_customer_name/expand/add_column_customers_family_name
-- Store given and family names separately
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting split_customer_name/expand/add_column_customers_family_name destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_202602101000001002da26');
DROP TABLE temp.planner_guard;
ALTER TABLE customers DROP COLUMN family_name;
