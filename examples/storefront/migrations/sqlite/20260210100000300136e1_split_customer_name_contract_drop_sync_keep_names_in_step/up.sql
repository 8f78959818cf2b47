-- planner: split_customer_name/contract/drop_sync_keep_names_in_step
-- Store given and family names separately
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: split_customer_name/contract is not open; `planner next-phase` says what it waits for" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_20260210100000300136e1');
DROP TABLE temp.planner_guard;
DROP TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177_insert;
DROP TRIGGER planner_sync_split_customer_name_keep_nam_6f9c1177_update;
