-- The only access to the tables. Readers and the sidecar both come through here; the sidecar can never name user_id:
-- it has no grant on that column, and the view's default fills it in from the transaction's tenant. Without that,
-- INSERT … ON CONFLICT DO UPDATE would see another tenant's row before the check option does.
set role ytempire_owner;

-- Replaces a view in place, so that no reader finds it missing and none waits for a drop; its new columns come last. One whose columns
-- cannot be kept is made anew, in the same transaction.
create or replace procedure core.replace_view(p_name text, p_query text, p_is_writable boolean default true)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  definition text := format('view %s with (security_barrier) as %s%s', p_name, p_query,
                            case when p_is_writable then ' with cascaded check option' else '' end);
begin
  execute 'create or replace ' || definition;
exception when invalid_table_definition then
  execute 'drop view ' || p_name;
  execute 'create ' || definition;
end $$;
revoke all on procedure core.replace_view from public;

call core.replace_view('analytics.users', $$
select user_id, email, display_name, subscription_tier, target_revenue_usd, time_zone, is_active, created_at
  from core.users where user_id = (select sec.tenant())
$$);

-- monetised and monetised_asked_at, the table's names, are for sidecars of the version before.
call core.replace_view('analytics.channels', $$
select user_id, channel_id, slot, channel_name, niche, uploads_playlist_id, monetised, monetised_asked_at, connection, is_active, erase_after,
       is_hidden, created_at, connection_reason, youtube_title, identity_verified_at, identity_attempted_at, identity_missed_at,
       monetised as monetized, monetised_asked_at as monetized_asked_at
  from core.channels where user_id = (select sec.tenant())
$$);

call core.replace_view('analytics.videos', $$
select user_id, video_id, channel_id, title, published_at, duration_seconds, description, tags, thumbnail_url, updated_at, refreshed_at,
       first_missed_at, missed_at, misses, gone_at
  from core.videos where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.youtube_metrics', $$
select user_id, channel_id, day as date, views, engaged_views, watch_time_minutes, average_view_duration_seconds, average_view_percentage,
       likes, comments, shares, subscribers_gained, subscribers_lost, revenue_usd, ad_revenue_usd, gross_revenue_usd,
       monetized_playbacks, playback_based_cpm_usd, ad_impressions, cpm_usd, created_at, updated_at
  from core.channel_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);
comment on view analytics.youtube_metrics is 'One row a channel and YouTube day: safe to sum. Videos have their own view, video_metrics.';

call core.replace_view('analytics.video_metrics', $$
select user_id, channel_id, video_id, day as date, views, engaged_views, watch_time_minutes, average_view_duration_seconds,
       average_view_percentage, likes, comments, shares, subscribers_gained, subscribers_lost, revenue_usd, created_at, updated_at
  from core.video_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

-- Whether the rollups of the tenant hold everything. A login that reads them before gets an error, instead of getting sums that are too low; so is
-- the sidecar in a transaction that reads sums (ytempire.complete_rollups); others of it write them meanwhile.
create or replace function sec.are_rollups_filled() returns boolean
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
  videos bigint;
begin
  if session_user in ('ytempire_app', 'ytempire_operator') and coalesce(current_setting('ytempire.complete_rollups', true), '') <> 'on'
     or not exists (select from sec.rollup_fills where user_id = sec.tenant()) then
    return true;
  end if;
  select count(*) into videos from sec.rollup_fill_videos where user_id = sec.tenant();
  raise exception 'sums of your videos are still being computed after an upgrade%; try again in some minutes',
    case when videos > 0 then ' (' || videos || ' videos to go)' else '' end
    using errcode = '55000', hint = 'analytics.video_metrics has every day of every video meanwhile.';
end $$;
revoke all on function sec.are_rollups_filled from public;
grant execute on function sec.are_rollups_filled to ytempire_app, ytempire_reader;

-- Rollups of video_metrics (R__3_rollups.sql).
call core.replace_view('analytics.video_totals', $$
select user_id, video_id, channel_id, published_at, days, first_day, last_day, views, engaged_views, watch_time_minutes, likes, comments, shares,
       subscribers_gained, subscribers_lost, revenue_usd, percentage_weight, weighted_percentage, views_48h, views_7d, views_28d, revenue_7d_usd,
       revenue_28d_usd, revenue_90d_usd, updated_at
  from core.video_totals
 where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[]) and (select sec.are_rollups_filled())
$$);
comment on view analytics.video_totals is 'One row a video: sums of all its days and of its first 7, 28 and 90. Null: not reported yet.';

call core.replace_view('analytics.video_weeks', $$
select user_id, week, video_id, channel_id, days, views, watch_time_minutes, revenue_usd
  from core.video_weeks
 where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[]) and (select sec.are_rollups_filled())
$$);
comment on view analytics.video_weeks is 'One row a video and week of Pacific days from Monday.';

call core.replace_view('analytics.reach_days', $$
select user_id, channel_id, day as date, videos, impressions, clicks
  from core.reach_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);
comment on view analytics.reach_days is 'One row a channel and YouTube day: thumbnail impressions of all videos, and clicks (impressions times click-through rate). Divide the sums.';

call core.replace_view('analytics.costs', $$
select user_id, cost_id, at, channel_id, video_id, category, provider, model, quantity, unit, amount_usd, basis, external_id
  from core.costs
 where user_id = (select sec.tenant()) and (channel_id is null or channel_id <> all ((select sec.hidden_channels())::text[]))
$$);
comment on view analytics.costs is 'One row a booked cost. basis: metered, estimated, or allocated (a share of what the platform costs).';

call core.replace_view('analytics.insights', $$
select user_id, week, sentences, author, reason, model, channel_ids, video_ids, written_at
  from core.insights where user_id = (select sec.tenant()) and not channel_ids && (select sec.hidden_channels())::text[]
$$);
comment on view analytics.insights is 'One row for seven Pacific days, of which week is the first: sentences about them, by a language model or by rules.';

call core.replace_view('analytics.insight_settings', $$
select user_id, monthly_budget_usd, updated_at from core.insight_settings where user_id = (select sec.tenant())
$$);

call core.replace_view('analytics.traffic_sources', $$
select user_id, channel_id, source, day as date, views, watch_time_minutes, created_at, updated_at
  from core.traffic_source_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.thumbnail_metrics', $$
select user_id, channel_id, video_id, day as date, impressions, click_through_rate, created_at, updated_at
  from core.thumbnail_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.dimension_metrics', $$
select user_id, channel_id, dimension, dimension_value, day as date, views, engaged_views, watch_time_minutes, average_view_duration_seconds,
       likes, comments, shares, subscribers_gained, subscribers_lost, gross_revenue_usd, ad_impressions, cpm_usd, impressions,
       click_through_rate, created_at, updated_at
  from core.dimension_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);
comment on view analytics.dimension_metrics is 'One row a channel, YouTube day and value of one dimension (deviceType, operatingSystem, creatorContentType, …). Choose one dimension before adding.';

call core.replace_view('analytics.dimension_periods', $$
select user_id, channel_id, video_id, dimension, dimension_value, start_date, end_date, views, engaged_views, watch_time_minutes,
       average_view_duration_seconds, likes, comments, shares, subscribers_gained, subscribers_lost, viewer_percentage, created_at, updated_at
  from core.dimension_periods where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);
comment on view analytics.dimension_periods is 'One row a channel (video_id empty) or video, period and value of one dimension (country, age and gender, what sent the viewers). Choose one dimension and one length of period before adding.';

call core.replace_view('analytics.retention_curves', $$
select user_id, channel_id, video_id, start_date, end_date, elapsed_ratio, audience_watch_ratio, relative_retention_performance,
       started_watching, stopped_watching, segment_impressions, created_at, updated_at
  from core.retention_points where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.backfills', $$
select user_id, channel_id, report, first_day, reached, advanced_at
  from core.backfills where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

-- The same for every tenant, and nothing for anybody else.
call core.replace_view('analytics.metric_breaks', $$
select metric, video_format, day, before, after from core.metric_breaks where (select sec.tenant()) is not null
$$, p_is_writable => false);
comment on view analytics.metric_breaks is 'Days on which YouTube changed what a figure means, for annotations in dashboards.';

call core.replace_view('analytics.channel_statistics', $$
select user_id, channel_id, observed_at, views, subscribers, videos, without_grant
  from core.channel_statistics where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.video_statistics', $$
select user_id, channel_id, video_id, observed_at, views, likes, comments, without_grant
  from core.video_statistics where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.channel_statistics_daily', $$
select user_id, channel_id, day as date, views, subscribers, videos, observed_at, observations
  from core.channel_statistics_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.video_statistics_daily', $$
select user_id, channel_id, video_id, day as date, views, likes, comments, observed_at, observations
  from core.video_statistics_days where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.metric_revisions', $$
select user_id, revision_id, channel_id, video_id, day, changes, revised_at
  from core.metric_revisions where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.notices', $$
select user_id, notice_id, at, kind, channel_id, message
  from core.notices where user_id = (select sec.tenant())
$$);

call core.replace_view('analytics.user_dashboard_config', $$
select user_id, dashboard_preferences, notification_settings, created_at, updated_at, verification_day, verification_mails,
       verification_attempts, recipients_day, recipients_added
  from core.user_dashboard_config where user_id = (select sec.tenant())
$$);

call core.replace_view('analytics.quality_results', $$
select user_id, channel_id, check_name, day, checked_at, level, worst_level, value, worst_value
  from core.quality_results
 where user_id = (select sec.tenant()) and (channel_id is null or channel_id <> all ((select sec.hidden_channels())::text[]))
$$);
comment on view analytics.quality_results is 'What checks of the data found: one row a check and Pacific day, of each channel and, without a channel, of all together.';

call core.replace_view('analytics.quality_incidents', $$
select user_id, incident_id, check_name, opened_at, updated_at, closed_at, value, channels
  from core.quality_incidents where user_id = (select sec.tenant())
$$);
comment on view analytics.quality_incidents is 'One row a check and time in which it was not well. closed_at null: it still is not.';

call core.replace_view('analytics.rejected_rows', $$
select user_id, day, kind, reason, row_count, last_at
  from core.rejected_rows where user_id = (select sec.tenant())
$$);
comment on view analytics.rejected_rows is 'How many rows were not stored on a Pacific day, by kind and reason.';

call core.replace_view('analytics.events', $$
select user_id, at, event_id, kind, source, channel_id, video_id, workflow_id, execution_id, data
  from core.events
 where user_id = (select sec.tenant()) and (channel_id is null or channel_id <> all ((select sec.hidden_channels())::text[])
                                             and exists (select from core.channels c where c.user_id = (select sec.tenant()) and c.channel_id = events.channel_id))
$$);
comment on view analytics.events is 'Events of the last 90 days. data is text of whoever sent it: show it as text, and nowhere else.';

call core.replace_view('analytics.event_hours', $$
select user_id, hour, kind, source, events
  from core.event_hours where user_id = (select sec.tenant())
$$);
comment on view analytics.event_hours is 'Events by hour (UTC), kind and source: what panels read instead of events.';

call core.replace_view('app.event_arrivals', $$
select user_id, arrival_day, events
  from core.event_arrivals where user_id = (select sec.tenant())
$$);

call core.replace_view('app.billing_accounts', $$
select user_id, customer_id, stripe_subscription_id, status, price_id, tier, period_ends_at, is_canceled_at_period_end, past_due_since, linked_at,
       read_at, due_at, version
  from core.billing_accounts where user_id = (select sec.tenant())
$$);

call core.replace_view('app.oauth_grants', $$
select user_id, channel_id, refresh_token_encrypted, scopes, connected_at, verified_at
  from core.oauth_grants where user_id = (select sec.tenant())
$$);

call core.replace_view('app.day_checks', $$
select user_id, channel_id, report, day, checked_at
  from core.day_checks where user_id = (select sec.tenant())
$$);

call core.replace_view('app.refused_videos', $$
select user_id, channel_id, video_id, refused_at
  from core.refused_videos where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('analytics.erased_videos', $$
select user_id, channel_id, video_hash, erased_at
  from core.erased_videos where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('app.held_batches', $$
select user_id, batch_id, channel_id, report, kinds, row_count, size_bytes, content, is_due, fetched_at, expires_at, stored_at
  from core.held_batches where user_id = (select sec.tenant()) and channel_id <> all ((select sec.hidden_channels())::text[])
$$);

call core.replace_view('app.fetch_leases', $$
select user_id, channel_id, report, holder, leased_until
  from core.fetch_leases where user_id = (select sec.tenant())
$$);

call core.replace_view('app.upload_watches', $$
select user_id, channel_id, subscription_id, secret, asked_at, lease_until, pushed_at, feed_read_at, playlist_read_at, hub_silent_since
  from core.upload_watches where user_id = (select sec.tenant())
$$);

call core.replace_view('app.webhook_deliveries', $$
select user_id, subscription_id, event_id, kind, channel_id, at, data, attempts, due_at, delivered_at
  from core.webhook_deliveries
 where user_id = (select sec.tenant()) and (channel_id is null or channel_id <> all ((select sec.hidden_channels())::text[]))
$$);

call core.replace_view('app.audit_log', $$
select user_id, audit_id, at, token_id, token_kind, action, workflow_id, execution_id, details
  from core.audit_log where user_id = (select sec.tenant())
$$);

do $$
declare
  v record;
  keys text[] := '{user_id,channel_id,video_id,date,day,week,observed_at,revision_id,audit_id,notice_id,created_at,report,source,subscription_id,batch_id,dimension,dimension_value,start_date,end_date,elapsed_ratio,video_hash,check_name,incident_id,opened_at,hour,kind}';
  insertable text;
  updatable text;
begin
  for v in select c.oid::regclass as name, n.nspname, c.relname, coalesce(c.reloptions @> '{check_option=cascaded}', false) as is_writable
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('analytics', 'app') and c.relkind = 'v' loop
    -- A view that was replaced in place has kept the grants of the version before.
    execute format('revoke all on %s from ytempire_app, ytempire_reader', v.name);
    if not v.is_writable then      -- computed, or nobody's rows
      execute format('grant select on %s to ytempire_app%s', v.name, case when v.nspname = 'analytics' then ', ytempire_reader' else '' end);
      continue;
    end if;
    -- Inlined, because the default runs for every row; the check option still asks sec.tenant().
    execute format('alter view %s alter column user_id set default nullif(left(current_setting(''app.tenant_id'', true), 36), '''')::uuid', v.name);
    execute format('grant select on %s to ytempire_app', v.name);
    if v.nspname = 'analytics' then
      execute format('grant select on %s to ytempire_reader', v.name);
    end if;
    continue when v.relname = 'users';       -- rows come by app.create_user; updates are granted below
    continue when v.relname like '%_daily';  -- made by core.maintain
    if v.relname = 'webhook_deliveries' then  -- come by app.publish_event
      execute format('grant update (data, due_at, delivered_at) on %s to ytempire_app', v.name);
      continue;
    end if;
    select string_agg(quote_ident(attname), ', ') filter (where attname not in ('revision_id', 'audit_id', 'notice_id')),
           string_agg(quote_ident(attname), ', ') filter (where attname <> all (keys))
      into insertable, updatable
      from pg_attribute where attrelid = v.name::regclass and attnum > 0 and attname <> 'user_id';
    execute format('grant insert (%s) on %s to ytempire_app', insertable, v.name);
    -- History is written once.
    if v.relname not in ('metric_revisions', 'audit_log', 'notices', 'costs', 'events') then
      execute format('grant update (%s) on %s to ytempire_app', updatable, v.name);
      -- What only expires, and goes with its user or channel, nobody deletes through its view.
      if v.relname not in ('quality_results', 'quality_incidents', 'rejected_rows', 'event_hours', 'event_arrivals', 'report_runs', 'reach_days') then
        execute format('grant delete on %s to ytempire_app', v.name);
      end if;
    end if;
  end loop;
  grant update (display_name, subscription_tier, target_revenue_usd, time_zone, is_active) on analytics.users to ytempire_app;
end $$;

reset role;
