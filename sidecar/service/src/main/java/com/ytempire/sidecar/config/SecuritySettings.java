package com.ytempire.sidecar.config;

import org.jspecify.annotations.Nullable;

/**
 * Keys, tokens and alarms.
 *
 * @param grantKeyset by which grants are encrypted
 * @param operatorToken null: operators have the tokens that they made
 * @param tenantAlarmMargin how many tenants more than active users may be entered in a minute
 *     before it is noted in the audit log
 */
public record SecuritySettings(
    String grantKeyset, @Nullable String operatorToken, int tenantAlarmMargin) {
  static SecuritySettings read(SettingsReader reader) {
    return new SecuritySettings(
        reader.secret("GRANT_KEYSET"),
        reader.optionalSecret("OPERATOR_TOKEN"),
        reader.number("TENANT_ALARM_MARGIN", 100, 0, 1_000_000));
  }

  @Override
  public String toString() {
    return "SecuritySettings[" + tenantAlarmMargin + "]";
  }
}
