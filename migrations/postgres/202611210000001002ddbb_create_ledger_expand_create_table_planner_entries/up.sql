-- planner: create_ledger/expand/create_table_planner_entries
-- Planner's own record in the database it works on
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE planner_entries (
  id bigint NOT NULL,
  at timestamp without time zone NOT NULL,
  actor text NOT NULL,
  kind text NOT NULL,
  plan text,
  phase text,
  step text,
  version text,
  checksum text,
  app text,
  release text,
  attempt bigint,
  duration_ms bigint,
  detail text NOT NULL,
  CONSTRAINT planner_entries_pkey PRIMARY KEY (id)
);
