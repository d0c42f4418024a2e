package com.ytempire.sidecar;

import com.ytempire.sidecar.billing.Billing;
import com.ytempire.sidecar.config.IntegrationSettings;
import com.ytempire.sidecar.costs.ProviderTotals;
import com.ytempire.sidecar.dashboards.Dashboards;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.insight.WeeklyInsight;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.privacy.ExecutionErasures;
import com.ytempire.sidecar.reports.LinkCipher;
import com.ytempire.sidecar.reports.ReportMails;
import com.ytempire.sidecar.webhooks.Deliveries;
import java.time.Clock;
import java.util.Optional;

/**
 * The parts that work with systems other than Google's: Grafana, Stripe, n8n, a mail server, the
 * subscribers of webhooks, and providers that report what they were paid.
 */
record Integrations(
    Dashboards dashboards,
    Billing billing,
    ExecutionErasures executionErasures,
    ReportMails reports,
    Deliveries deliveries,
    ProviderTotals providerTotals) {
  static Integrations open(Core core, Access access, Parts parts) {
    Clock clock = core.clock();
    Database database = core.database();
    IntegrationSettings integrations = core.config().integrations();
    ProviderTotals providerTotals = new ProviderTotals(core.operator(), access.tenants(), clock);
    new AppMeters(core.telemetry()).registerCosts(providerTotals);
    return new Integrations(
        parts.opened(
            new Dashboards(core.operator(), access.logins(), integrations.grafana(), clock)),
        parts.opened(
            new Billing(core.operator(), integrations.stripe(), core.quota()::reshare, clock)),
        parts.opened(new ExecutionErasures(core.operator(), integrations.n8n(), clock)),
        new ReportMails(
            database,
            access.tenants(),
            linkCipher(core.cipher()),
            WeeklyInsight::sentences,
            core.config(),
            clock),
        parts.opened(
            new Deliveries(
                database,
                core.telemetry()::recordDelivery,
                integrations.webhooks().allowedTargets(),
                core.secretCipher(),
                clock)),
        providerTotals);
  }

  private static LinkCipher linkCipher(GrantCipher cipher) {
    return new LinkCipher() {
      @Override
      public byte[] encrypt(String text, String boundTo) {
        return cipher.encrypt(text, boundTo);
      }

      @Override
      public Optional<String> decrypt(byte[] ciphertext, String boundTo) {
        return cipher.decrypt(ciphertext, boundTo);
      }
    };
  }
}
