-- What a service token may do: an operator gives each the least that its workflows need.
set role ytempire_owner;

alter table core.api_tokens add column scopes text[];
-- Those that there are go on, but for erasing, which wants a token made for it.
update core.api_tokens set scopes = '{administer,read,sync}' where kind = 'service';
alter table core.api_tokens
  add constraint api_tokens_scopes_known check (scopes <@ '{administer,erase,read,sync}'::text[]),
  add constraint api_tokens_scopes_of_service_alone check (kind = 'service' or scopes is null);
comment on column core.api_tokens.scopes is 'Of a service token: read, sync, administer, erase; null for the other kinds, whose kind says it all.';

reset role;
