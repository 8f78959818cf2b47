-- planner: replace_sku/contract/drop_column_products_legacy_sku
-- Stock keeping units in the supplier's spelling
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: table products has other columns, keys, indexes or triggers than this migration knows, use planner run" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT ((SELECT count(*) = 4 AND sum(lower(name) || iif(pk = 0 AND "notnull", ' not null', '') IN ('id', 'title not null', 'price_cents not null', 'sku')) = 4 FROM pragma_table_xinfo('products'))
    AND (SELECT count(*) FROM sqlite_master WHERE tbl_name = 'products' COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL) = 0
    AND (SELECT count(DISTINCT id) FROM pragma_foreign_key_list('products')) = 0
    AND (SELECT count(*) FROM pragma_index_list('products') WHERE origin = 'u') = 0
    AND (SELECT total(length(t) - length(replace(t, 'CHECK(', ''))) / 6 <= 1
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'products' COLLATE NOCASE AND type IN ('table', 'index')))
) OR ((SELECT count(*) = 5 AND sum(lower(name) || iif(pk = 0 AND "notnull", ' not null', '') IN ('id', 'title not null', 'price_cents not null', 'legacy_sku', 'sku')) = 5 FROM pragma_table_xinfo('products'))
    AND (SELECT count(*) FROM sqlite_master WHERE tbl_name = 'products' COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL) = 0
    AND (SELECT count(DISTINCT id) FROM pragma_foreign_key_list('products')) = 0
    AND (SELECT count(*) FROM pragma_index_list('products') WHERE origin = 'u') = 0
    AND (SELECT total(length(t) - length(replace(t, 'CHECK(', ''))) / 6 <= 1
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'products' COLLATE NOCASE AND type IN ('table', 'index')))
);
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: table products has other conflict clauses, deferred keys or collations than this migration knows, use planner run" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT (SELECT total(length(t) - length(replace(t, ' COLLATE ', ''))) / 9 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'products' COLLATE NOCASE AND type IN ('table', 'index')))
    AND (SELECT total(length(t) - length(replace(t, 'CONFLICT', ''))) / 8 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'products' COLLATE NOCASE AND type IN ('table', 'index')))
    AND (SELECT total(length(t) - length(replace(t, 'DEFERRED', ''))) / 8 <= 0
    FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master
    WHERE tbl_name = 'products' COLLATE NOCASE AND type IN ('table', 'index')));
DROP TABLE temp.planner_guard;
DROP TABLE IF EXISTS temp.planner_violations;
CREATE TEMP TABLE planner_violations AS SELECT (SELECT count(*) FROM (
        SELECT 'products' AS checked UNION
        SELECT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
        WHERE m.type = 'table' AND k."table" = 'products' COLLATE NOCASE AND m.name <> 'products' COLLATE NOCASE
    ), pragma_foreign_key_check(checked)) AS found;
DROP TABLE IF EXISTS planner_new_products;
CREATE TABLE planner_new_products (
    id INTEGER NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    legacy_sku TEXT,
    sku TEXT,
    CONSTRAINT products_price_cents_check CHECK (price_cents >= 0)
);
INSERT OR ROLLBACK INTO planner_new_products (id, title, price_cents, sku, legacy_sku)
    SELECT id, title, price_cents, sku, (SELECT legacy_sku FROM products AS now_there WHERE now_there.id = planner_key_0)
    FROM (SELECT id, title, price_cents, sku, id AS planner_key_0, (NULL) AS legacy_sku FROM products) AS as_it_was;
DROP TABLE products;
PRAGMA legacy_alter_table = ON;
ALTER TABLE planner_new_products RENAME TO products;
PRAGMA legacy_alter_table = OFF;
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: rows of table products, or of tables that refer to it, would break a foreign key" CHECK (holds IS 1));
INSERT OR ROLLBACK INTO temp.planner_guard SELECT (SELECT count(*) FROM (
        SELECT 'products' AS checked UNION
        SELECT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k
        WHERE m.type = 'table' AND k."table" = 'products' COLLATE NOCASE AND m.name <> 'products' COLLATE NOCASE
    ), pragma_foreign_key_check(checked)) <= (SELECT found FROM temp.planner_violations);
DROP TABLE temp.planner_guard;
DROP TABLE temp.planner_violations;
COMMIT;
PRAGMA foreign_keys = ON;
