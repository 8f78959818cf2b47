-- planner: create_heartbeats/expand/create_table_planner_heartbeats
-- Which instances of which releases say that they run
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE planner_heartbeats (
  app text NOT NULL,
  release text NOT NULL,
  instance text NOT NULL,
  first_seen timestamp without time zone NOT NULL,
  last_seen timestamp without time zone NOT NULL,
  CONSTRAINT planner_heartbeats_pkey PRIMARY KEY (app, release, instance)
);
