-- planner: create_ledger/expand/create_table_planner_cursors
CREATE TABLE planner_cursors (
  version TEXT NOT NULL,
  cursor TEXT NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT planner_cursors_pkey PRIMARY KEY (version)
);
