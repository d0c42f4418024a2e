-- What of Google's quota was given out, to whom, and what is only reserved. This is the truth: a unit is written here before it is spent.
-- Redis holds a fast copy, and may forget it.
set role ytempire_owner;

create table core.quota_windows (
  bucket    text        not null,
  starts_at timestamptz not null,
  ends_at   timestamptz not null,
  units     bigint      not null check (units >= 0),
  closed_at timestamptz,
  primary key (bucket, starts_at)
);
comment on table core.quota_windows is 'A stretch of time for which Google gives so many units: a Pacific day, or a minute. closed_at: since when Google says that it is used up.';

create table core.quota_accounts (
  bucket    text        not null,
  starts_at timestamptz not null,
  account   text        not null,
  allotted  bigint      not null default 0 check (allotted >= 0),
  spent     bigint      not null default 0 check (spent >= 0),
  held      bigint      not null default 0 check (held >= 0),
  primary key (bucket, starts_at, account),
  foreign key (bucket, starts_at) references core.quota_windows on delete cascade,
  constraint quota_never_over check (spent + held <= allotted)
);
comment on table core.quota_accounts is 'How a window is shared out: a user''s guarantee (account: the user''s id), common, interactive, platform; or all. held: reserved, not yet spent.';

create table core.quota_reservations (
  reservation_id uuid        not null,
  bucket         text        not null,
  starts_at      timestamptz not null,
  account        text        not null,
  payer          text        not null,
  units          bigint      not null check (units > 0),
  expires_at     timestamptz not null,
  primary key (reservation_id, account),
  foreign key (bucket, starts_at, account) references core.quota_accounts on update cascade on delete cascade
);
create index quota_reservations_by_end on core.quota_reservations (expires_at);
comment on table core.quota_reservations is 'Units that are held for a caller until it settles, gives back, or lets the reservation run out.';

create table core.quota_borrowings (
  bucket    text        not null,
  starts_at timestamptz not null,
  payer     text        not null,
  units     bigint      not null,
  primary key (bucket, starts_at, payer),
  foreign key (bucket, starts_at) references core.quota_windows on delete cascade
);
comment on table core.quota_borrowings is 'What each payer took from common and interactive, beyond its own guarantee. Already counted in those accounts.';

create table core.quota_hours (
  bucket text        not null,
  hour   timestamptz not null,
  units  bigint      not null,
  primary key (bucket, hour)
);
comment on table core.quota_hours is 'Units taken in each hour; the pace that forecasts go by.';

reset role;
