-- planner: create_heartbeats/expand/create_table_planner_heartbeats
-- Which instances of which releases say that they run
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting create_heartbeats/expand/create_table_planner_heartbeats destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_202611220000001001f5d9');
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: other tables still refer to table planner_heartbeats" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
    WHERE m.type = 'table' AND k."table" = 'planner_heartbeats' COLLATE NOCASE AND m.name <> 'planner_heartbeats' COLLATE NOCASE);
DROP TABLE temp.planner_guard;
DROP TABLE planner_heartbeats;
