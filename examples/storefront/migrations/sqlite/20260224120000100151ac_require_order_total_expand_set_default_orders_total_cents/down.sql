-- planner: require_order_total/expand/set_default_orders_total_cents
-- Every order knows its total
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: table orders has other columns, keys, indexes or triggers than this migration knows, use planner run" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT ((SELECT count(*) = 4 AND sum(lower(name) || iif(pk = 0 AND "notnull", ' not null', '') IN ('id', 'customer_id not null', 'total_cents', 'placed_at not null')) = 4 FROM pragma_table_xinfo('orders'))
    AND (SELECT count(*) FROM sqlite_master WHERE tbl_name = 'orders' COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL) = 0
    AND (SELECT count(DISTINCT id) FROM pragma_foreign_key_list('orders')) = 1
    AND (SELECT count(*) FROM pragma_index_list('orders') WHERE origin = 'u') = 0
    AND (SELECT total(length(t) - length(replace(t, 'CHECK(', ''))) / 6 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'orders' COLLATE NOCASE AND type IN ('table', 'index')))
) OR ((SELECT count(*) = 4 AND sum(lower(name) || iif(pk = 0 AND "notnull", ' not null', '') IN ('id', 'customer_id not null', 'total_cents', 'placed_at not null')) = 4 FROM pragma_table_xinfo('orders'))
    AND (SELECT count(*) FROM sqlite_master WHERE tbl_name = 'orders' COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL) = 0
    AND (SELECT count(DISTINCT id) FROM pragma_foreign_key_list('orders')) = 1
    AND (SELECT count(*) FROM pragma_index_list('orders') WHERE origin = 'u') = 0
    AND (SELECT total(length(t) - length(replace(t, 'CHECK(', ''))) / 6 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'orders' COLLATE NOCASE AND type IN ('table', 'index')))
);
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: table orders has other conflict clauses, deferred keys or collations than this migration knows, use planner run" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT (SELECT total(length(t) - length(replace(t, ' COLLATE ', ''))) / 9 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'orders' COLLATE NOCASE AND type IN ('table', 'index')))
    AND (SELECT total(length(t) - length(replace(t, 'CONFLICT', ''))) / 8 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'orders' COLLATE NOCASE AND type IN ('table', 'index')))
    AND (SELECT total(length(t) - length(replace(t, 'DEFERRED', ''))) / 8 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'orders' COLLATE NOCASE AND type IN ('table', 'index')));
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_violations;
CREATE TEMP TABLE planner_violations AS SELECT (SELECT count(*) FROM (
        SELECT 'orders' AS checked UNION
        SELECT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
        WHERE m.type = 'table' AND k."table" = 'orders' COLLATE NOCASE AND m.name <> 'orders' COLLATE NOCASE
    ), pragma_foreign_key_check(checked)) AS found;
DROP TABLE IF EXISTS planner_new_orders;
CREATE TABLE planner_new_orders (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    total_cents BIGINT,
    placed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id)
);
INSERT OR ROLLBACK INTO planner_new_orders (id, customer_id, total_cents, placed_at)
    SELECT id, customer_id, total_cents, placed_at FROM orders;
DROP TABLE orders;
PRAGMA legacy_alter_table = ON;
ALTER TABLE planner_new_orders RENAME TO orders;
PRAGMA legacy_alter_table = OFF;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: rows of table orders, or of tables that refer to it, would break a foreign key" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT (SELECT count(*) FROM (
        SELECT 'orders' AS checked UNION
        SELECT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
        WHERE m.type = 'table' AND k."table" = 'orders' COLLATE NOCASE AND m.name <> 'orders' COLLATE NOCASE
    ), pragma_foreign_key_check(checked)) <= (SELECT found FROM temp.planner_violations);
DROP TABLE temp.planner_guard;
DROP TABLE temp.planner_violations;
COMMIT;
PRAGMA foreign_keys = ON;
