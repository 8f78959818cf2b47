-- planner: create_products/expand/create_table_products
-- Products
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: reverting create_products/expand/create_table_products destroys data; use `planner revert`" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_2026010509010010016dc0');
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: other tables still refer to table products" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
    WHERE m.type = 'table' AND k."table" = 'products' COLLATE NOCASE AND m.name <> 'products' COLLATE NOCASE);
DROP TABLE temp.planner_guard;
DROP TABLE products;
