package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** The audit log of the tenant's data; written once, never changed. */
interface AuditDao {
  @SqlUpdate(
      """
      insert into app.audit_log (at, token_id, token_kind, action, workflow_id, execution_id, details)
      values (:at, :tokenId, :tokenKind, :action, :workflowId, :executionId, cast(:details as jsonb))
      """)
  void record(
      Instant at,
      UUID tokenId,
      String tokenKind,
      String action,
      @Nullable String workflowId,
      @Nullable String executionId,
      String details);

  /** The same of several users, each in its own log. */
  @SqlUpdate(
      "select app.record_acts(:tenants, :at, :tokenId, :tokenKind, :action, :workflowId, :executionId, :details)")
  void recordForEach(
      String[] tenants,
      Instant at,
      UUID tokenId,
      String tokenKind,
      String action,
      @Nullable String workflowId,
      @Nullable String executionId,
      String details);

  /** What was done to no user that there is. */
  @SqlUpdate(
      "select app.record_platform_act(:at, :tokenId, :tokenKind, :action, :workflowId, :executionId, :details)")
  void recordPlatformAct(
      Instant at,
      UUID tokenId,
      String tokenKind,
      String action,
      @Nullable String workflowId,
      @Nullable String executionId,
      String details);
}
