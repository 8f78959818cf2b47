-- planner: unique_customer_email/contract/create_index_customers_email_key
-- One customer an address
DROP TABLE IF EXISTS temp.planner_guard;
CREATE TEMP TABLE planner_guard (holds CONSTRAINT "planner: unique_customer_email/contract is not open; `planner next-phase` says what it waits for" CHECK (holds IS 1));
INSERT INTO temp.planner_guard SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_entries')
    OR EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'planner_open_2026021711000030014b32');
DROP TABLE temp.planner_guard;
CREATE UNIQUE INDEX customers_email_key ON customers (email);
