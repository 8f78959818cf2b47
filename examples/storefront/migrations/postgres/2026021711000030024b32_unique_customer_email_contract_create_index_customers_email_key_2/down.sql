-- planner: unique_customer_email/contract/create_index_customers_email_key
-- One customer an address
DROP INDEX CONCURRENTLY customers_email_key;
