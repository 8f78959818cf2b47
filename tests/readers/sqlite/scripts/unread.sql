-- What cannot be told, or is no SQL.
CREATE TABLE x (id INTEGER PRIMARY KEY, a INT);
CREATE TABLE copied AS SELECT id, a + 1 AS b FROM x;
DROP INDEX nobody_knows;
DROP TRIGGER nobody_knows;
CREATE VIEW v AS SELECT a FROM x;
DROP TRIGGER IF EXISTS perhaps_of_the_view;
ROLLBACK TO one;
UPDATE sqlite_master SET sql = replace(sql, 'a INT', 'a TEXT') WHERE name = 'x';
PRAGMA writable_schema = ON;
SELECT load_extension('x.so');
CREATE TYPE mood AS ENUM ('sad');
ALTER TABLE x ALTER COLUMN a TYPE text;
INSERT INTO x SELECT 1, 2 FROM (SELECT (SELECT (SELECT 3)));
DELETE FROM x WHERE id = ?1;
.mode csv
.import rows.csv x
CREATE TABLE y (a);
SELECT 1 SELECT 2;
DROP TABLE side.x;
ALTER TABLE x ADD CONSTRAINT big CHECK (a > 0);
INSERT INTO x (id) VALUES ('not closed);
