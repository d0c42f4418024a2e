package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Routes that read what a user's channels need from YouTube. Safe to share between threads. */
final class PlanRoutes {
  private final TenantAccess tenantAccess;
  private final KnownUsers knownUsers;
  private final Planner planner;
  private final UploadPlan uploadPlan;
  private final boolean isStatisticsPooled;
  private final Clock clock;

  PlanRoutes(
      TenantAccess tenantAccess,
      KnownUsers knownUsers,
      UploadPlan uploadPlan,
      boolean isStatisticsPooled,
      Clock clock) {
    this.tenantAccess = tenantAccess;
    this.knownUsers = knownUsers;
    this.uploadPlan = uploadPlan;
    this.planner = new Planner(uploadPlan);
    this.isStatisticsPooled = isStatisticsPooled;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/plan",
                "Read what a user's channels need from YouTube now, and by which rule")
            .by(OPERATOR, SERVICE, USER)
            .answers("fetch-plan")
            .with(this::plan));
  }

  record ReportPlan(
      String report,
      boolean isDue,
      @Nullable Instant nextDueAt,
      List<LocalDate> days,
      int videos,
      String why) {}

  record ChannelPlan(String channelId, String uploadsBy, List<ReportPlan> reports) {}

  record Plan(Instant asOf, String publicStatistics, List<ChannelPlan> channels) {}

  private Plan plan(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Instant now = clock.instant();
    KnownUser known =
        tenantAccess.as(
            request.caller(),
            userId,
            "metrics.plan",
            handle ->
                knownUsers
                    .read(
                        handle,
                        List.of(userId),
                        new KnownUsers.Scope(EnumSet.allOf(Report.class), true))
                    .getOrDefault(userId, new KnownUser(Tier.STARTER, false, Map.of())));
    List<ChannelPlan> channels = new ArrayList<>();
    known
        .channels()
        .forEach((channelId, channel) -> {
          if (channel.source().access().isActive()
              && Connection.CONNECTED.is(channel.source().access().connection())) {
            channels.add(
                new ChannelPlan(
                    channelId,
                    uploadPlan.isPushed(channel.source(), now) ? "push" : "feed",
                    Stream.of(Report.values())
                        .map(report -> {
                          DuePart due = planner.due(report, channel, now);
                          return new ReportPlan(
                              report.label(),
                              due.isDue(),
                              due.nextDueAt(),
                              due.days(),
                              due.videoIds().size(),
                              due.why());
                        })
                        .toList()));
          }
        });
    return new Plan(now, isStatisticsPooled ? "pooled" : "by-owner", channels);
  }
}
