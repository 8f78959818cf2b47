PRAGMA foreign_keys = OFF;
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, age INT DEFAULT 3, gone TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), title TEXT);
CREATE INDEX users_name ON users (name);
CREATE INDEX users_age ON users (age) WHERE age > 3;
CREATE TRIGGER users_touch AFTER INSERT ON users BEGIN SELECT 1; END;

-- As the manual says: NOT NULL, another type, a dropped column, a new one, a check.
BEGIN TRANSACTION;
CREATE TABLE new_users (
    id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL DEFAULT '', email TEXT UNIQUE, age BIGINT CHECK (age > 0),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO new_users (id, name, email, age) SELECT id, coalesce(name, ''), email, age FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;
CREATE INDEX users_name ON users (name);
CREATE UNIQUE INDEX users_both ON users (name, email);
CREATE TRIGGER users_touch AFTER INSERT ON users BEGIN SELECT 1; END;
PRAGMA foreign_key_check;
COMMIT;

-- Prisma's way, two tables one after the other.
PRAGMA defer_foreign_keys=ON;
CREATE TABLE "new_posts" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" INTEGER NOT NULL,
    "heading" TEXT,
    CONSTRAINT "posts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_posts" ("id", "user_id", "heading") SELECT "id", "user_id", "title" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "new_posts" RENAME TO "posts";
CREATE TABLE "new_users" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "email" TEXT);
INSERT INTO "new_users" ("id", "name", "email") SELECT "id", "name", "email" FROM "users";
DROP TABLE "users";
ALTER TABLE "new_users" RENAME TO "users";
CREATE INDEX "posts_heading" ON "posts"("heading");
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- The old one is renamed away first.
CREATE TABLE lone (a INT, b TEXT, c TEXT);
CREATE INDEX lone_a ON lone (a);
ALTER TABLE lone RENAME TO _lone_old;
CREATE TABLE lone (a INTEGER NOT NULL PRIMARY KEY, b TEXT, CONSTRAINT short CHECK (length(b) < 9));
INSERT INTO lone SELECT a, b FROM _lone_old;
DROP INDEX lone_a;
DROP TABLE _lone_old;
CREATE INDEX lone_b ON lone (b);

-- By way of a backup, as the old FAQ says.
CREATE TEMPORARY TABLE lone_backup (a, b);
INSERT INTO lone_backup SELECT a, b FROM lone;
DROP TABLE lone;
CREATE TABLE lone (a INTEGER NOT NULL PRIMARY KEY, d TEXT, e INT NOT NULL DEFAULT 1) STRICT;
INSERT INTO lone (a, d) SELECT a, b FROM lone_backup;
DROP TABLE lone_backup;

-- By way of a backup that a query makes.
CREATE TABLE IF NOT EXISTS `backup` AS SELECT a, d AS e, e AS f FROM lone;
DROP TABLE lone;
CREATE TABLE lone (a INTEGER PRIMARY KEY, e TEXT, f INT);
INSERT INTO lone SELECT * FROM `backup`;
DROP TABLE `backup`;

-- The old one stays until the end.
CREATE TABLE lone_next (a INTEGER PRIMARY KEY, e TEXT COLLATE NOCASE, f INT, g INT AS (f * 2) STORED, UNIQUE (e, f), FOREIGN KEY (f) REFERENCES lone_next);
INSERT INTO lone_next (rowid, e, f) SELECT rowid, l.e, l.f FROM lone AS l WHERE 1;
ALTER TABLE lone RENAME TO lone_away;
ALTER TABLE lone_next RENAME TO lone;
DROP TABLE lone_away;

-- Nothing is copied: the rows are gone, and so it is a drop.
CREATE TABLE draft (a INT);
CREATE TABLE draft_new (a TEXT);
DROP TABLE draft;
ALTER TABLE draft_new RENAME TO draft;

-- Rows are left out.
CREATE TABLE draft_new (a INT);
INSERT INTO draft_new SELECT a FROM draft WHERE a > 3;
DROP TABLE draft;
ALTER TABLE draft_new RENAME TO draft;
CREATE INDEX draft_a ON draft (a);

-- A column that is not taken along loses its values.
CREATE TABLE draft_new (a INT, b INT);
INSERT INTO draft_new SELECT a, 7 FROM draft;
DROP TABLE draft;
ALTER TABLE draft_new RENAME TO draft;
CREATE TABLE draft_new (a INT, b INT);
INSERT INTO draft_new (a) SELECT a FROM draft;
DROP TABLE draft;
ALTER TABLE draft_new RENAME TO draft;

-- To and fro without row ids.
CREATE TABLE draft_new (a INT NOT NULL PRIMARY KEY, b INT) WITHOUT ROWID, STRICT;
INSERT INTO draft_new SELECT * FROM draft;
DROP TABLE draft;
ALTER TABLE draft_new RENAME TO draft;
CREATE TABLE draft_new (a INTEGER PRIMARY KEY, b INT);
INSERT INTO draft_new SELECT draft.a, b FROM draft ORDER BY a;
DROP TABLE draft;
ALTER TABLE draft_new RENAME TO draft;
PRAGMA foreign_keys = ON;
