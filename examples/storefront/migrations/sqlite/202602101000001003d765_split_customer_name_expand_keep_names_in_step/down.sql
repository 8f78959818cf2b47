-- planner: split_customer_name/expand/keep_names_in_step
-- Store given and family names separately
DROP TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177_insert;
DROP TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177_update;
