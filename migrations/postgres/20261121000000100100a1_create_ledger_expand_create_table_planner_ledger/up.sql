-- planner: create_ledger/expand/create_table_planner_ledger
CREATE TABLE planner_ledger (
  id bigint NOT NULL,
  format bigint NOT NULL,
  next_id bigint NOT NULL,
  lease_holder text,
  lease_until timestamp without time zone,
  CONSTRAINT planner_ledger_pkey PRIMARY KEY (id)
);
