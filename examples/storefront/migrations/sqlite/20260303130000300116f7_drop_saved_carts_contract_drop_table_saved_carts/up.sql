-- planner: drop_saved_carts/contract/drop_table_saved_carts
-- Saved carts are gone from the shop
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: drop_saved_carts/contract is not open; `planner next-phase` says what it waits for" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_20260303130000300116f7');
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: other tables still refer to table saved_carts" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
    WHERE m.type = 'table' AND k."table" = 'saved_carts' COLLATE NOCASE AND m.name <> 'saved_carts' COLLATE NOCASE);
DROP TABLE temp.planner_guard;
DROP TABLE saved_carts;
