-- Thumbnails of all videos by day, for the click-through rate over time: read from the index alone, in order of days.
set role ytempire_owner;

create index thumbnail_days_by_day on core.thumbnail_days (user_id, day) include (channel_id, impressions, click_through_rate);

reset role;
