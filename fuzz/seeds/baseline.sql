-- planner baseline 1
-- dialect: postgres
-- from: database
-- made: 2026-11-21
-- left out: function `f`
-- covers: 20260101000000

CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL DEFAULT 'x', CHECK (id > 0));
CREATE INDEX users_name ON users (lower(name)) WHERE id > 1;
CREATE VIEW all_users AS SELECT id, name FROM users;
