package com.ytempire.sidecar.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Other services of the platform, and its customers' own.
 *
 * @param n8n null: no erasure reaches its executions
 * @param grafana null: users have no dashboards
 * @param stripe null: users have the tiers that operators give them
 * @param smtp null: no mail is sent
 */
public record IntegrationSettings(
    Webhooks webhooks,
    @Nullable N8nSettings n8n,
    @Nullable GrafanaSettings grafana,
    @Nullable StripeSettings stripe,
    @Nullable SmtpSettings smtp) {
  static IntegrationSettings read(SettingsReader reader) {
    return new IntegrationSettings(
        new Webhooks(reader.list("WEBHOOK_ALLOWED_NETWORKS", AllowedTarget::parse)),
        N8nSettings.read(reader),
        GrafanaSettings.read(reader),
        StripeSettings.read(reader),
        SmtpSettings.read(reader));
  }

  /**
   * Where webhooks may be sent.
   *
   * @param allowedTargets outside the public Internet
   */
  public record Webhooks(List<AllowedTarget> allowedTargets) {}
}
