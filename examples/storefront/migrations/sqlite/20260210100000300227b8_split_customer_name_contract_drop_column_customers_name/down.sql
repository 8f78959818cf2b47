-- planner: split_customer_name/contract/drop_column_customers_name
-- Store given and family names separately
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: table customers has other columns, keys, indexes or triggers than this migration knows, use planner run" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT ((SELECT count(*) = 5 AND sum(lower(name) || iif(pk = 0 AND "notnull", ' not null', '') IN ('id', 'email not null', 'created_at not null', 'given_name', 'family_name')) = 5 FROM pragma_table_xinfo('customers'))
    AND (SELECT count(*) FROM sqlite_master WHERE tbl_name = 'customers' COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL) = 0
    AND (SELECT count(DISTINCT id) FROM pragma_foreign_key_list('customers')) = 0
    AND (SELECT count(*) FROM pragma_index_list('customers') WHERE origin = 'u') = 0
    AND (SELECT total(length(t) - length(replace(t, 'CHECK(', ''))) / 6 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'customers' COLLATE NOCASE AND type IN ('table', 'index')))
) OR ((SELECT count(*) = 6 AND sum(lower(name) || iif(pk = 0 AND "notnull", ' not null', '') IN ('id', 'email not null', 'name', 'created_at not null', 'given_name', 'family_name')) = 6 FROM pragma_table_xinfo('customers'))
    AND (SELECT count(*) FROM sqlite_master WHERE tbl_name = 'customers' COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL) = 0
    AND (SELECT count(DISTINCT id) FROM pragma_foreign_key_list('customers')) = 0
    AND (SELECT count(*) FROM pragma_index_list('customers') WHERE origin = 'u') = 0
    AND (SELECT total(length(t) - length(replace(t, 'CHECK(', ''))) / 6 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'customers' COLLATE NOCASE AND type IN ('table', 'index')))
);
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: table customers has other conflict clauses, deferred keys or collations than this migration knows, use planner run" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT (SELECT total(length(t) - length(replace(t, ' COLLATE ', ''))) / 9 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'customers' COLLATE NOCASE AND type IN ('table', 'index')))
    AND (SELECT total(length(t) - length(replace(t, 'CONFLICT', ''))) / 8 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'customers' COLLATE NOCASE AND type IN ('table', 'index')))
    AND (SELECT total(length(t) - length(replace(t, 'DEFERRED', ''))) / 8 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'customers' COLLATE NOCASE AND type IN ('table', 'index')));
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_violations;
CREATE TEMP TABLE planner_violations AS SELECT (SELECT count(*) FROM (
        SELECT 'customers' AS checked UNION
        SELECT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
        WHERE m.type = 'table' AND k."table" = 'customers' COLLATE NOCASE AND m.name <> 'customers' COLLATE NOCASE
    ), pragma_foreign_key_check(checked)) AS found;
DROP TABLE IF EXISTS planner_new_customers;
CREATE TABLE planner_new_customers (
    id INTEGER NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    given_name TEXT,
    family_name TEXT
);
INSERT OR ROLLBACK INTO planner_new_customers (id, email, created_at, given_name, family_name, name)
    SELECT id, email, created_at, given_name, family_name, (SELECT name FROM customers AS now_there WHERE now_there.id = planner_key_0)
    FROM (SELECT id, email, created_at, given_name, family_name, id AS planner_key_0, (trim(given_name || ' ' || coalesce(family_name, ''))) AS name FROM customers) AS as_it_was;
DROP TABLE customers;
PRAGMA legacy_alter_table = ON;
ALTER TABLE planner_new_customers RENAME TO customers;
PRAGMA legacy_alter_table = OFF;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: rows of table customers, or of tables that refer to it, would break a foreign key" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT (SELECT count(*) FROM (
        SELECT 'customers' AS checked UNION
        SELECT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
        WHERE m.type = 'table' AND k."table" = 'customers' COLLATE NOCASE AND m.name <> 'customers' COLLATE NOCASE
    ), pragma_foreign_key_check(checked)) <= (SELECT found FROM temp.planner_violations);
DROP TABLE temp.planner_guard;
DROP TABLE temp.planner_violations;
COMMIT;
PRAGMA foreign_keys = ON;
