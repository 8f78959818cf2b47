-- planner: create_ledger/expand/create_table_planner_cursors
-- Planner's own record in the database it works on
CREATE TABLE planner_cursors (
    version TEXT NOT NULL,
    cursor TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (version)
);
