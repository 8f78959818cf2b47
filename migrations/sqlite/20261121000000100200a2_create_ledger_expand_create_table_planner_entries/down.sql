-- planner: create_ledger/expand/create_table_planner_entries
DROP TABLE planner_entries;
