-- planner: create_ledger/expand/create_table_planner_ledger
DROP TABLE planner_ledger;
