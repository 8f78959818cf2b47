-- planner: create_ledger/expand/create_table_planner_ledger
-- Planner's own record in the database it works on
SET LOCAL lock_timeout = '2000ms';
CREATE TABLE planner_ledger (
  id bigint NOT NULL,
  format bigint NOT NULL,
  next_id bigint NOT NULL,
  lease_holder text,
  lease_until timestamp without time zone,
  CONSTRAINT planner_ledger_pkey PRIMARY KEY (id)
);
