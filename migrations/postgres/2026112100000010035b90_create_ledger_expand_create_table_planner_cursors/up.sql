-- planner: create_ledger/expand/create_table_planner_cursors
-- Planner's own record in the database it works on
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE planner_cursors (
  version text NOT NULL,
  cursor text NOT NULL,
  updated_at timestamp without time zone NOT NULL,
  CONSTRAINT planner_cursors_pkey PRIMARY KEY (version)
);
