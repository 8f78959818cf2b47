-- planner: create_ledger/expand/create_table_planner_ledger
CREATE TABLE planner_ledger (
  id BIGINT NOT NULL,
  format BIGINT NOT NULL,
  next_id BIGINT NOT NULL,
  lease_holder TEXT,
  lease_until TIMESTAMP,
  CONSTRAINT planner_ledger_pkey PRIMARY KEY (id)
);
