CREATE TABLE users (id integer PRIMARY KEY, name text, email text NOT NULL);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users (id), total integer);
-- undo
DROP TABLE orders;
DROP TABLE users;
-- next
ALTER TABLE users ADD COLUMN full_name text;
UPDATE users SET full_name = name WHERE full_name IS NULL;
-- undo
ALTER TABLE users DROP COLUMN full_name;
-- next
-- safety-assured:start
ALTER TABLE users DROP COLUMN name;
-- safety-assured:end
CREATE INDEX users_email ON users (lower(email)) WHERE email <> '';
CREATE VIEW spenders AS SELECT u.id, sum(o.total) AS total FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id;
-- undo
DROP VIEW spenders;
-- next
BEGIN;
ALTER TABLE orders RENAME TO orders_old;
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL, total bigint DEFAULT 0 CHECK (total >= 0));
INSERT INTO orders (id, user_id, total) SELECT id, user_id, total FROM orders_old;
DROP TABLE orders_old;
COMMIT;
