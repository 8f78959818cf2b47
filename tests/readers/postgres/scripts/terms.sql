-- What constraints and indexes say beside their columns.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE keys (
    id bigint PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,
    code text UNIQUE NULLS NOT DISTINCT,
    plain text UNIQUE INITIALLY IMMEDIATE,
    a int,
    b int,
    note text COLLATE "C",
    UNIQUE (a, b) INCLUDE (note) WITH (fillfactor = 70),
    CONSTRAINT later UNIQUE (b) DEFERRABLE,
    CONSTRAINT double_one UNIQUE (b, a),
    UNIQUE (b, a) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE children (
    id bigint PRIMARY KEY,
    code text REFERENCES keys (code) DEFERRABLE INITIALLY DEFERRED,
    a int,
    b int,
    CONSTRAINT full_key FOREIGN KEY (a, b) REFERENCES keys (a, b) MATCH FULL ON DELETE SET NULL (b) NOT DEFERRABLE
);
ALTER TABLE children ALTER CONSTRAINT children_code_fkey DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE children ALTER CONSTRAINT full_key DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE children ALTER CONSTRAINT full_key NOT DEFERRABLE;
ALTER TABLE children ADD CONSTRAINT again FOREIGN KEY (code) REFERENCES keys (code) INITIALLY DEFERRED NOT VALID;
ALTER TABLE children VALIDATE CONSTRAINT again;
CREATE UNIQUE INDEX keys_note ON keys (note) INCLUDE (a) NULLS NOT DISTINCT WITH (fillfactor = 50, deduplicate_items = off);
CREATE INDEX keys_collated ON keys (note COLLATE "C", code COLLATE "C", note COLLATE "default" text_pattern_ops DESC);
CREATE INDEX ON keys ((lower(note) COLLATE "POSIX"), (code || 'x'));
CREATE INDEX keys_brin ON keys USING brin (id) WITH (pages_per_range = 32, autosummarize);
CREATE UNIQUE INDEX to_be ON keys (note, a) INCLUDE (b);
ALTER TABLE keys ADD CONSTRAINT became UNIQUE USING INDEX to_be DEFERRABLE INITIALLY DEFERRED;
DROP INDEX keys_lower_expr_idx;
CREATE TABLE like_keys (LIKE keys INCLUDING ALL);
ALTER TABLE keys RENAME COLUMN note TO remark;
CREATE TABLE rooms (
    room int,
    during tsrange,
    EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (room > 0) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE rooms ADD CONSTRAINT apart EXCLUDE USING gist (int4range(room, room + 1) WITH OPERATOR(pg_catalog.&&));
ALTER TABLE rooms ADD CONSTRAINT gone EXCLUDE (room WITH =);
ALTER TABLE rooms RENAME COLUMN room TO number;
ALTER TABLE rooms RENAME CONSTRAINT apart TO still_apart;
ALTER INDEX still_apart RENAME TO apart;
ALTER TABLE rooms DROP CONSTRAINT gone;
CREATE TABLE bookings (room int, EXCLUDE (room WITH =) DEFERRABLE);
CREATE TABLE like_bookings (LIKE bookings INCLUDING ALL);
ALTER INDEX keys_note SET (fillfactor = 60);
ALTER INDEX keys_note RESET (deduplicate_items);
