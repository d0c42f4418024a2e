package com.ytempire.sidecar.dashboards;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Organizations in Grafana and the dashboards' settings, of the tenant of the transaction. */
interface DashboardDao {
  /** The stored state of the tenant's organization. */
  record StoredOrganization(
      @Nullable Long organizationId,
      @Nullable String organizationName,
      @Nullable Long viewerId,
      @Nullable String viewerLogin,
      @Nullable String databaseLogin,
      @Nullable String renderedHash,
      @Nullable Instant provisionedAt,
      int attempts,
      @Nullable String lastError) {}

  /** An organization that an erased user left. */
  record Removal(
      UUID removalId,
      long organizationId,
      String organizationName,
      @Nullable Long viewerId,
      @Nullable String viewerLogin,
      int attempts) {}

  /** The tenant as it concerns its dashboards. */
  record Owner(
      String displayName,
      boolean isActive,
      BigDecimal targetRevenueUsd,
      String timeZone,
      String preferences) {}

  /** Takes a user who is due, if there is one. */
  @SqlQuery(
      "select c from app.claim_dashboard_organization(:now, :leaseUntil, :filesHash) c where c is not null")
  List<UUID> claim(Instant now, Instant leaseUntil, String filesHash);

  @SqlQuery("select * from app.claim_dashboard_removal(:now, :leaseUntil)")
  @RegisterConstructorMapper(Removal.class)
  List<Removal> claimRemoval(Instant now, Instant leaseUntil);

  @SqlQuery("select app.postpone_dashboard_removal(:id, :dueAt)")
  @Nullable String postponeRemoval(UUID id, Instant dueAt);

  @SqlQuery("select app.end_dashboard_removal(:id)")
  @Nullable String endRemoval(UUID id);

  @SqlQuery("select app.tenant_connections()")
  int connections();

  @SqlQuery(
      "select organization_id, organization_name, viewer_id, viewer_login, database_login, rendered_hash, provisioned_at, attempts, last_error from app.dashboard_organizations")
  @RegisterConstructorMapper(StoredOrganization.class)
  Optional<StoredOrganization> known();

  @SqlUpdate(
      "insert into app.dashboard_organizations (due_at) values (:dueAt) on conflict (user_id) do nothing")
  int begin(Instant dueAt);

  /** 0: another one is at it. */
  @SqlUpdate(
      "update app.dashboard_organizations set leased_until = :until where leased_until is null or leased_until <= :now")
  int lease(Instant now, Instant until);

  @SqlUpdate("update app.dashboard_organizations set due_at = :dueAt")
  int setDue(Instant dueAt);

  @SqlUpdate(
      "update app.dashboard_organizations set organization_id = :id, organization_name = :name, rendered_hash = null")
  int setOrganization(long id, String name);

  @SqlUpdate("update app.dashboard_organizations set viewer_id = :id, viewer_login = :login")
  int setViewer(long id, String login);

  @SqlUpdate("update app.dashboard_organizations set viewer_enabled = :isEnabled")
  int setEnabled(boolean isEnabled);

  @SqlUpdate("update app.dashboard_organizations set database_login = :login")
  int setDatabaseLogin(String login);

  @SqlUpdate(
      "update app.dashboard_organizations set files_hash = :filesHash, rendered_hash = :renderedHash, provisioned_at = :at, due_at = :dueAt, attempts = 0, last_error = :error, leased_until = null, failed_at = null, viewer_enabled = :isEnabled")
  int setProvisioned(
      boolean isEnabled,
      String filesHash,
      @Nullable String renderedHash,
      Instant at,
      Instant dueAt,
      @Nullable String error);

  @SqlUpdate(
      "update app.dashboard_organizations set due_at = :dueAt, attempts = least(attempts + 1, 1000), last_error = :error, leased_until = null, failed_at = :at")
  int setFailed(Instant at, Instant dueAt, String error);

  @SqlQuery(
      "select u.display_name, u.is_active, u.target_revenue_usd, u.time_zone, coalesce(c.dashboard_preferences, '{}')\\:\\:text as preferences from analytics.users u left join analytics.user_dashboard_config c on true")
  @RegisterConstructorMapper(Owner.class)
  Optional<Owner> owner();

  @SqlUpdate(
      "update analytics.users set target_revenue_usd = coalesce(:target, target_revenue_usd), time_zone = coalesce(:timeZone, time_zone)")
  int updateUser(@Nullable BigDecimal target, @Nullable String timeZone);

  @SqlUpdate(
      "insert into analytics.user_dashboard_config (dashboard_preferences, updated_at) values (cast(:preferences as jsonb), :at) on conflict (user_id) do update set dashboard_preferences = excluded.dashboard_preferences, updated_at = excluded.updated_at")
  int savePreferences(String preferences, Instant at);
}
