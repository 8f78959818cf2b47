-- planner: create_orders/expand/create_table_orders
-- Orders and their lines
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting create_orders/expand/create_table_orders destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_2026010509020010014d8f');
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: other tables still refer to table orders" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
    WHERE m.type = 'table' AND k."table" = 'orders' COLLATE NOCASE AND m.name <> 'orders' COLLATE NOCASE);
DROP TABLE temp.planner_guard;
DROP TABLE orders;
