-- planner: create_heartbeats/expand/create_table_planner_heartbeats
-- Which instances of which releases say that they run
CREATE TABLE planner_heartbeats (
    app TEXT NOT NULL,
    "release" TEXT NOT NULL,
    instance TEXT NOT NULL,
    first_seen TIMESTAMP NOT NULL,
    last_seen TIMESTAMP NOT NULL,
    PRIMARY KEY (app, "release", instance)
);
