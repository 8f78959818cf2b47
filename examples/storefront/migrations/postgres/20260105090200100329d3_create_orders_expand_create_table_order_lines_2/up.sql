-- planner: create_orders/expand/create_table_order_lines
-- Orders and their lines
SET LOCAL lock_timeout = '2000ms';
ALTER TABLE order_lines ADD CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE;
