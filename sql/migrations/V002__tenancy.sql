-- Users, channels, videos, API tokens, OAuth grants, audit, dashboard preferences: ordinary tables, row security forced.
set role ytempire_owner;

create table core.users (
  user_id            uuid primary key default gen_random_uuid(),
  email              text not null constraint users_email_key unique,
  display_name       text not null,
  subscription_tier  text not null default 'starter',
  target_revenue_usd numeric(12, 2) not null default 10000.00,
  time_zone          text not null default 'America/Los_Angeles',
  is_active          boolean not null default true,
  created_at         timestamptz not null default now(),
  constraint users_email_form check (email = lower(email) and char_length(email) between 3 and 254),
  constraint users_display_name_length check (char_length(display_name) between 1 and 100),
  constraint users_subscription_tier_known check (subscription_tier in ('starter', 'growth', 'scale')),
  constraint users_target_revenue_positive check (target_revenue_usd > 0)
);
comment on table core.users is 'The customers. target_revenue_usd: USD a calendar month. time_zone: IANA name, for mailed reports; metrics keep YouTube''s own days.';

create table core.channels (
  user_id             uuid not null references core.users on delete cascade,
  channel_id          text not null,
  slot                smallint,
  channel_name        text not null,
  niche               text,
  uploads_playlist_id text,
  monetised           boolean,
  monetised_asked_at  timestamptz,
  connection          text not null default 'not-connected',
  is_active           boolean not null default true,
  created_at          timestamptz not null default now(),
  primary key (user_id, channel_id),
  constraint channels_one_slot_each unique (user_id, slot),
  constraint channels_slot_1_to_5 check (slot between 1 and 5),
  constraint channels_active_has_slot check (is_active = (slot is not null)),
  constraint channels_channel_id_form check (channel_id ~ '^UC[0-9A-Za-z_-]{22}$'),
  constraint channels_connection_known check (connection in ('not-connected', 'connected', 'reconnect-needed'))
);
comment on table core.channels is 'A user''s channels. An active one holds one of five slots, which is what makes "at most five" true under races; monetised: null until YouTube has said so; asked again after a week, because channels join the partner programme.';

create table core.videos (
  user_id          uuid not null,
  video_id         text not null,
  channel_id       text not null,
  title            text not null,
  published_at     timestamptz not null,
  duration_seconds integer,
  updated_at       timestamptz not null default now(),
  primary key (user_id, video_id),
  constraint videos_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint videos_video_id_form check (video_id ~ '^[0-9A-Za-z_-]{11}$'),
  constraint videos_duration_not_negative check (duration_seconds >= 0)
);
create index videos_by_channel on core.videos (user_id, channel_id, published_at desc);

create table core.oauth_grants (
  user_id                 uuid not null,
  channel_id              text not null,
  refresh_token_encrypted bytea not null,
  scopes                  text[] not null,
  connected_at            timestamptz not null,
  verified_at             timestamptz not null,
  primary key (user_id, channel_id),
  constraint oauth_grants_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.oauth_grants is 'One Google grant per channel. The refresh token is Tink AEAD ciphertext bound to (user_id, channel_id).';

create table core.api_tokens (
  token_id     uuid primary key default gen_random_uuid(),
  kind         text not null,
  user_id      uuid references core.users on delete cascade,
  name         text not null,
  token_hash   bytea not null constraint api_tokens_hash_key unique,
  created_at   timestamptz not null,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  constraint api_tokens_kind_known check (kind in ('operator', 'service', 'user')),
  constraint api_tokens_user_kind_has_user check ((kind = 'user') = (user_id is not null))
);
comment on table core.api_tokens is 'token_hash: SHA-256 of a 256-bit random token, which is shown once and kept nowhere.';

create table core.audit_log (
  audit_id     bigint generated always as identity primary key,
  user_id      uuid,
  at           timestamptz not null,
  token_id     uuid not null,
  token_kind   text not null,
  action       text not null,
  workflow_id  text,
  execution_id text,
  details      jsonb not null default '{}'
);
comment on table core.audit_log is 'What was done to a user''s data, with which token, from which n8n workflow and execution. No foreign keys: it outlives what it tells of.';
create index audit_log_by_user on core.audit_log (user_id, at desc);

create table core.user_dashboard_config (
  user_id               uuid primary key references core.users on delete cascade,
  dashboard_preferences jsonb not null default '{}',
  notification_settings jsonb not null default '{}',
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now()
);

reset role;
