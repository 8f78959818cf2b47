-- planner: split_customer_name/expand/add_column_customers_given_name
-- Store given and family names separately
ALTER TABLE customers ADD COLUMN given_name TEXT;
