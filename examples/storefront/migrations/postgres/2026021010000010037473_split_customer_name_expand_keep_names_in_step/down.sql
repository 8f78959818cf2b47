-- planner: split_customer_name/expand/keep_names_in_step
-- Store given and family names separately
SET LOCAL lock_timeout = '2000ms';
DROP TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177 ON customers;
DROP FUNCTION planner_sync_split_customer_name_keep_nam_6f9c1177();
