-- planner: create_ledger/expand/create_table_planner_entries
-- Planner's own record in the database it works on
CREATE TABLE planner_entries (
    id BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    "plan" TEXT,
    phase TEXT,
    step TEXT,
    version TEXT,
    checksum TEXT,
    app TEXT,
    "release" TEXT,
    attempt BIGINT,
    duration_ms BIGINT,
    detail TEXT NOT NULL,
    PRIMARY KEY (id)
);
