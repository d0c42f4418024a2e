package com.ytempire.sidecar.tenancy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes users. What has no {@code user_id} in its condition sees the tenant's own row
 * only.
 */
@RegisterConstructorMapper(User.class)
interface UserDao {
  @SqlQuery("select app.create_user(:email, :displayName, :tier, :target, :timeZone, :createdAt)")
  UUID create(
      String email,
      String displayName,
      String tier,
      BigDecimal target,
      String timeZone,
      Instant createdAt);

  @SqlQuery(
      "select user_id, email, display_name, subscription_tier, target_revenue_usd, time_zone, is_active, created_at from analytics.users")
  Optional<User> find();

  /** The tenant's tier, held until the transaction ends. */
  @SqlQuery("select subscription_tier from analytics.users for no key update")
  Optional<String> lockTier();

  /** The directory's list, over all users. */
  @SqlQuery("select * from app.list_users(:activeOnly, :after, :limit)")
  List<User> list(boolean activeOnly, @Nullable UUID after, int limit);

  /**
   * The directory's search, over all users.
   *
   * @param emails forms of one email, in lower case; null: any
   * @param text that the email or name has in it; null: any
   */
  @SqlQuery("select * from app.find_users(:emails, :text, :activeOnly, :after, :limit)")
  List<User> search(
      String @Nullable [] emails,
      @Nullable String text,
      boolean activeOnly,
      @Nullable UUID after,
      int limit);

  record Tier(UUID userId, String subscriptionTier) {}

  /** Of all active users. */
  @SqlQuery("select * from app.list_tiers()")
  @RegisterConstructorMapper(Tier.class)
  List<Tier> tiers();

  @SqlUpdate(
      """
      update analytics.users
         set display_name       = coalesce(:displayName, display_name),
             subscription_tier  = coalesce(:tier, subscription_tier),
             target_revenue_usd = coalesce(:target, target_revenue_usd),
             time_zone          = coalesce(:timeZone, time_zone),
             is_active          = coalesce(:isActive, is_active)
      """)
  int update(
      @Nullable String displayName,
      @Nullable String tier,
      @Nullable BigDecimal target,
      @Nullable String timeZone,
      @Nullable Boolean isActive);

  /** Fails by login_role_most where the tenant may have no further login of this kind. */
  @SqlUpdate("select app.require_login_room(:isForDashboards, :isForProbe)")
  void requireLoginRoom(boolean isForDashboards, boolean isForProbe);

  @SqlQuery("select app.provision_tenant_login(:verifier)")
  String provisionLogin(String verifier);

  @SqlQuery("select app.provision_dashboard_login(:verifier)")
  String provisionDashboardLogin(String verifier);

  @SqlQuery("select app.provision_probe_login(:verifier)")
  String provisionProbeLogin(String verifier);

  /** Revokes what a probe left behind. */
  @SqlQuery("select app.drop_probe_logins()")
  long dropProbeLogins();

  /** Makes the dashboards due when this was their login: they get another one. */
  @SqlUpdate("update app.dashboard_organizations set due_at = :at where database_login = :login")
  int replaceDashboardLogin(String login, Instant at);

  @SqlQuery("select app.tenant_logins()")
  List<String> logins();

  @SqlUpdate("select app.drop_tenant_login(:login)")
  void dropLogin(String login);
}
