-- planner: split_customer_name/backfill/update_customers_given_name_family_name
-- Store given and family names separately
UPDATE customers SET given_name = substr(name, 1, instr(name || ' ', ' ') - 1), family_name = substr(name, instr(name || ' ', ' ') + 1) WHERE (given_name IS NULL AND name IS NOT NULL);
