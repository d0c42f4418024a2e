-- Retention curves are read newest first, and there are 20 of a channel a week: half a million points of 250 channels.
set role ytempire_owner;

create index retention_points_by_end on core.retention_points (user_id, end_date);

reset role;
