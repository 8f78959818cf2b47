-- squawk-ignore-file prefer-text-field
/* nothing; but a comment */
;;
CREATE TABLE users (id int PRIMARY KEY, name text);
-- squawk-ignore ban-drop-column, renaming-table -- nobody reads it
ALTER TABLE users DROP COLUMN name;
-- safety-assured:start
ALTER TABLE nobody ADD COLUMN x int UNIQUE;
-- safety-assured:end
CREATE TABEL typo (id int);
CREATE TABLE half (id int;
\set ON_ERROR_STOP on
\c other
SELECT 1;
CREATE TABLE made AS SELECT id + 1 FROM users;
SELECT id INTO made2 FROM users;
CREATE TABLE typed OF pair;
CREATE INDEX CONCURRENTLY users_name ON users (id);
DROP INDEX CONCURRENTLY IF EXISTS users_name;
DROP INDEX nobody_knows;
REINDEX INDEX CONCURRENTLY users_pkey;
REINDEX DATABASE here;
VACUUM (FULL) users;
CREATE DATABASE other;
DROP DATABASE other;
ALTER SYSTEM SET work_mem = '1MB';
ALTER DATABASE other SET work_mem = '1MB';
CREATE TABLESPACE fast LOCATION '/fast';
CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p;
ALTER TABLE measured DETACH PARTITION measured_2024 CONCURRENTLY;
PREPARE TRANSACTION 'x';
COMMIT PREPARED 'x';
START TRANSACTION ISOLATION LEVEL SERIALIZABLE;
SAVEPOINT a;
ROLLBACK TO SAVEPOINT a;
RELEASE a;
ROLLBACK;
BEGIN; COMMIT; END; ABORT;
ALTER TABLE users DISABLE TRIGGER ALL;
ALTER TABLE users ALTER CONSTRAINT users_pkey DEFERRABLE;
DO LANGUAGE plpython3u 'x = 1';
DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'users'); END $$;
DO $$ BEGIN EXECUTE 'DROP ' || 'x'; END $$;
DO $$ BEGIN IF random() > 0.5 THEN DROP TABLE users; ELSE ALTER TABLE users ADD COLUMN luck int; END IF; END $$;
DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP UPDATE users SET id = id + 1; END LOOP; END $$;
DO $$ BEGIN IF EXISTS (SELECT 1 FROM users) THEN RETURN; END IF; DROP TABLE users; END $$;
DO $$ BEGIN DROP TABLE users; EXCEPTION WHEN others THEN RAISE NOTICE 'no'; END $$;
DO $$ BEGIN BEGIN null null; END $$;
CREATE FUNCTION broken() RETURNS int LANGUAGE sql AS 'SELEC 1';
COPY users (id) FROM STDIN;
1
2;'
\.
SELECT 2;
COPY users TO '/tmp/users';
COPY users FROM '/tmp/users' WITH (FORMAT csv);
SELECT drop_everything();
SELECT pg_sleep(1), now(), count(*) FROM users;
CALL clean_up(1);
EXPLAIN SELECT 1;
EXPLAIN ANALYZE DELETE FROM users;
WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone;
LOCK TABLE users IN ACCESS EXCLUSIVE MODE NOWAIT;
CREATE FOREIGN TABLE far (id int) SERVER there;
IMPORT FOREIGN SCHEMA public FROM SERVER there INTO here;
CREATE USER MAPPING FOR joe SERVER there OPTIONS (password 'secret');
DROP OWNED BY joe;
REASSIGN OWNED BY joe TO jane;
CREATE ROLE joe LOGIN;
ALTER ROLE joe SET search_path TO x;
GRANT joe TO jane;
CREATE EVENT TRIGGER watch ON ddl_command_start EXECUTE FUNCTION f();
CREATE CAST (text AS pair) WITH INOUT AS IMPLICIT;
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TEXT SEARCH CONFIGURATION mine (COPY = english);
CREATE RECURSIVE VIEW up (n) AS SELECT 1;
CREATE TEMP TABLE scratch AS SELECT 1 AS one;
ALTER TABLE scratch ADD COLUMN two int;
INSERT INTO scratch VALUES (1, 2);
UPDATE scratch SET two = 3;
INSERT INTO users SELECT one FROM scratch;
DROP TABLE scratch;
INSERT INTO users VALUES (1), (DEFAULT);
INSERT INTO users DEFAULT VALUES;
UPDATE users SET (id) = (SELECT 1);
DELETE FROM users WHERE CURRENT OF cur;
CREATE SCHEMA app CREATE TABLE app.inner_table (id int);
SET search_path TO app, public;
CREATE TABLE t (id int PRIMARY KEY);
ALTER TABLE users ADD COLUMN t int REFERENCES t;
SELECT set_config('search_path', current_setting('x'), false);
CREATE TABLE nowhere (id int);
CREATE TABLE public.somewhere (id int);
RESET ALL;
CREATE TABLE here (id int);
ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b;
ALTER SEQUENCE users_id_seq OWNED BY NONE;
COMMENT ON DATABASE here IS 'x';
SECURITY LABEL ON TABLE users IS 'secret';
NOTIFY something;
CREATE VIEW broken AS SELECT 'not closed FROM users;
