#!/bin/sh
# Makes the databases of n8n and Grafana and their logins, and the exporter's login, when the volume is new.
set -eu
secret() { cat "/run/secrets/$1"; }
psql --username=postgres --no-psqlrc --set=ON_ERROR_STOP=1 \
  --set=n8n="$(secret n8n_database_password)" --set=grafana="$(secret grafana_database_password)" \
  --set=exporter="$(secret exporter_database_password)" <<'SQL'
create role n8n login password :'n8n';
create database n8n owner n8n;
create role grafana login password :'grafana';
create database grafana owner grafana;
create role exporter login password :'exporter' in role pg_monitor;
SQL
