-- When a grant came, by PostgreSQL's clock: what ended is recorded by that one too, and a sidecar's may be minutes off.
set role ytempire_owner;

alter table core.oauth_grants add column stored_at timestamptz;
comment on column core.oauth_grants.stored_at is 'When the grant came, by PostgreSQL''s clock; connected_at is by a sidecar''s. Null: before there was this column.';

reset role;
