-- planner: create_ledger/expand/create_table_planner_ledger
-- Planner's own record in the database it works on
CREATE TABLE planner_ledger (
    id BIGINT NOT NULL,
    format BIGINT NOT NULL,
    next_id BIGINT NOT NULL,
    lease_holder TEXT,
    lease_until TIMESTAMP,
    PRIMARY KEY (id)
);
