-- planner: create_saved_carts/expand/create_table_saved_carts
-- Carts that a customer saved for later
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting create_saved_carts/expand/create_table_saved_carts destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_202601050903001001beb3');
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: other tables still refer to table saved_carts" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
    WHERE m.type = 'table' AND k."table" = 'saved_carts' COLLATE NOCASE AND m.name <> 'saved_carts' COLLATE NOCASE);
DROP TABLE temp.planner_guard;
DROP TABLE saved_carts;
