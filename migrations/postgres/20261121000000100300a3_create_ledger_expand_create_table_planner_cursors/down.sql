-- planner: create_ledger/expand/create_table_planner_cursors
DROP TABLE planner_cursors;
