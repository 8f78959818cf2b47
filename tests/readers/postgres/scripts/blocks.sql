CREATE TABLE users (id serial PRIMARY KEY, name text);
DO $$ BEGIN
  CREATE TYPE mood AS ENUM ('sad', 'ok');
EXCEPTION WHEN duplicate_object THEN null;
END $$;
DO $$ BEGIN
  CREATE TYPE mood AS ENUM ('other');
EXCEPTION
  WHEN duplicate_object THEN RAISE NOTICE 'there';
END $$;
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'state') THEN
    CREATE TYPE state AS ENUM ('on', 'off');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN
    CREATE TYPE mood AS ENUM ('never');
  END IF;
END
$$;
DO $do$
BEGIN
  ALTER TABLE users ADD COLUMN mood mood;
  ALTER TABLE users ADD COLUMN age int;
  CREATE INDEX users_age ON users (age);
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'users_age_check') THEN
    ALTER TABLE users ADD CONSTRAINT users_age_check CHECK (age > 0);
  END IF;
  IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'gone') THEN
    ALTER TABLE users DROP COLUMN gone;
  END IF;
  IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'age') THEN
    ALTER TABLE users RENAME COLUMN age TO years;
  END IF;
  IF to_regclass('public.posts') IS NULL THEN
    CREATE TABLE posts (id int PRIMARY KEY);
  END IF;
  IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'users_age') THEN
    CREATE INDEX users_age ON users (years);
  END IF;
END
$do$;
DO 'BEGIN EXECUTE ''CREATE TABLE made (id int)''; EXECUTE $x$ ALTER TABLE made ADD COLUMN a int; $x$; END';
DO $$
DECLARE n int;
BEGIN
  SELECT count(*) INTO n FROM users;
  UPDATE users SET name = 'x' || n;
  PERFORM 1;
  BEGIN
    INSERT INTO users (name) VALUES ('y');
  END;
  RAISE NOTICE 'done';
END
$$;
DO $$ BEGIN ALTER TABLE users DROP CONSTRAINT nothing; EXCEPTION WHEN undefined_object THEN null; END $$;
DO $$ BEGIN ALTER TABLE users ADD COLUMN name text; EXCEPTION WHEN duplicate_column THEN null; END $$;
