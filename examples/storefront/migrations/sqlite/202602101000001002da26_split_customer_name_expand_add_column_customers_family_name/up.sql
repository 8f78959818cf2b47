-- planner: split_customer_name/expand/add_column_customers_family_name
-- Store given and family names separately
ALTER TABLE customers ADD COLUMN family_name TEXT;
