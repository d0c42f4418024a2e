#!/bin/sh
# Writes Alertmanager's configuration, which takes no settings from the environment, and becomes Alertmanager.
set -eu
secrets=${SECRETS:-/run/secrets}
mail='/# mail$/d'
if [ -n "${STACK_ALERT_MAIL_TO:-}" ]; then
  mail="s/ # mail\$//;s|STACK_ALERT_SMTP_USER|$STACK_ALERT_SMTP_USER|;s|STACK_ALERT_SMTP|$STACK_ALERT_SMTP|;s|STACK_ALERT_MAIL_FROM|$STACK_ALERT_MAIL_FROM|;s|STACK_ALERT_MAIL_TO|$STACK_ALERT_MAIL_TO|"
fi
heartbeat='/# heartbeat$/d'
[ ! -s "$secrets/alert_heartbeat" ] || heartbeat='s/ # heartbeat$//'
sed -e "$mail" -e "$heartbeat" "${TEMPLATE:-/etc/alertmanager/template.yml}" >"${CONFIGURATION:-/tmp/alertmanager.yml}"
exec "$@"
