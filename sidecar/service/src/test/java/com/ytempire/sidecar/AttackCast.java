package com.ytempire.sidecar;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Users who each have a row of everything, and in each row something by which it is known: a canary
 * that nobody else may ever see. The last user has disconnected a channel, whose rows nobody may
 * see, that user included.
 */
final class AttackCast {
  /**
   * One user.
   *
   * @param canaries texts that stand in this user's rows only
   * @param hidden texts of rows that wait to be erased
   */
  record Person(
      String userId,
      String email,
      List<String> channels,
      String videoId,
      String number,
      String token,
      String expiredToken,
      String revokedToken,
      String login,
      String password,
      Set<String> canaries,
      Set<String> hidden) {
    @Override
    public String toString() {
      return login;
    }
  }

  final List<Person> people = new ArrayList<>();
  final String service;
  private final Platform platform;

  AttackCast(Platform platform, int users) {
    this.platform = platform;
    this.service = platform.token("service", null);
    String soon = platform.clock.instant().plus(Duration.ofMinutes(1)).toString();
    for (int i = 0; i < users; i++) {
      people.add(person(i, users, soon));
    }
    platform.clock.advance(Duration.ofMinutes(2));
    platform.app.runJobs();
    Person last = people.getLast();
    String gone = last.channels().getLast();
    platform
        .delete(
            "/v1/users/%s/channels/%s/connection".formatted(last.userId(), gone),
            Platform.OPERATOR_TOKEN)
        .expect(204);
    // Nothing waits to be written when the attacks begin.
    platform.app.recordActivities();
    analyse();
    takeCiphertexts();
  }

  private Person person(int index, int users, String soon) {
    Catalog.Account account = platform.world.accounts().get(index);
    String userId = platform.connectedUser(index);
    List<String> channels = account.channels().stream().map(Catalog.Channel::id).toList();
    Set<String> canaries = new HashSet<>();
    Set<String> hidden = new HashSet<>();
    String operator = Platform.OPERATOR_TOKEN;
    String name = "Canary%d Displayname".formatted(index);
    platform.patch("/v1/users/" + userId, operator, Map.of("displayName", name)).expect(200);
    canaries.addAll(List.of(account.email(), name));
    // It is notified of what is stored below, and nobody ever takes it.
    String address = "http://canary-%d.invalid/hook".formatted(index);
    platform
        .post(
            "/v1/subscriptions",
            operator,
            Map.of(
                "url", address, "events", List.of("new-video", "sync-finished"), "userId", userId))
        .expect(201);
    canaries.add(address);
    String videoId = "";
    String number = "";
    for (int c = 0; c < channels.size(); c++) {
      String channel = channels.get(c);
      String mark = "%d%d".formatted(index, c);
      String video = "canaryvid" + mark;
      String views = "7" + mark + "314159265";
      String revenue = "%s31415.9265".formatted("7" + mark);
      String niche = "niche-canary-" + mark;
      String title = "Title canary " + mark;
      boolean toBeHidden = index == users - 1 && c == 1;
      (toBeHidden ? hidden : canaries).addAll(List.of(views, revenue, video, title));
      canaries.addAll(List.of(niche, channel, "incident-canary-" + mark));
      if (c == 0) {
        videoId = video;
        number = views;
      }
      platform
          .patch(
              "/v1/users/%s/channels/%s".formatted(userId, channel),
              operator,
              Map.of("niche", niche))
          .expect(200);
      addWithoutRoute(userId, channel, mark);
      (toBeHidden ? hidden : canaries)
          .addAll(
              List.of(
                  "cost-canary-" + mark,
                  "insight-canary-" + mark,
                  "quality-canary-" + mark,
                  "refusedvi" + mark,
                  "event-canary-" + mark,
                  "event-data-canary-" + mark));
      canaries.addAll(List.of("event-count-canary-" + mark, "rejection-canary-" + mark));
      if (c == 0) {
        canaries.add("cus_canary" + mark);
      }
      store(userId, channel, video, title, Long.parseLong(views) - 1, "1.0");
      store(userId, channel, video, title, Long.parseLong(views), revenue);
    }
    platform.execute(
        "insert into core.erased_videos select user_id, channel_id, sha256(channel_id::bytea), now() from core.channels where user_id = '%s'"
            .formatted(userId));
    platform.admin(
        "update core.user_dashboard_config set dashboard_preferences = '{\"canary\": \"preference-canary-%d\"}' where user_id = '%s' returning 1 as n"
            .formatted(index, userId));
    canaries.add("preference-canary-" + index);
    platform.execute(
        """
        insert into core.report_recipients (user_id, email, created_at, verified_at) values ('%1$s', 'mail-canary-%2$d@example.com', now(), now());
        insert into core.report_runs (user_id, kind, period, due_at, claimed_at, leased_until, sent_at, last_error)
        values ('%1$s', 'daily', '2026-11-20', now(), now(), now(), now(), 'run-canary-%2$d');
        insert into core.report_deliveries (user_id, kind, period, recipient_id, state, at, reason)
        select user_id, 'daily', '2026-11-20', recipient_id, 'refused', now(), 'delivery-canary-%2$d' from core.report_recipients where user_id = '%1$s'\
        """
            .formatted(userId, index));
    canaries.addAll(
        List.of("mail-canary-" + index, "run-canary-" + index, "delivery-canary-" + index));
    JsonNode login =
        platform
            .post("/v1/users/" + userId + "/database-login", operator, Map.of())
            .expect(201)
            .body();
    Map<String, Object> expiring =
        new LinkedHashMap<>(
            Map.of("kind", "user", "name", "short", "userId", userId, "expiresAt", soon));
    String revoked = platform.token("user", userId);
    platform.get("/v1/users/" + userId, revoked).expect(200);
    for (Map<String, Object> token :
        platform.admin(
            "select token_id::text as id from core.api_tokens where user_id = '" + userId + "'")) {
      platform.delete("/v1/tokens/" + token.get("id"), operator).expect(204);
      canaries.add(String.valueOf(token.get("id")));
    }
    return new Person(
        userId,
        account.email(),
        channels,
        videoId,
        number,
        platform.token("user", userId),
        platform.post("/v1/tokens", operator, expiring).expect(201).text("token"),
        revoked,
        login.get("login").stringValue(),
        login.get("password").stringValue(),
        canaries,
        hidden);
  }

  /** Rows of tables that are filled by a job, or not yet by anything. */
  private void addWithoutRoute(String user, String channel, String mark) {
    platform.execute(
        """
        insert into core.costs (user_id, at, channel_id, category, provider, model, amount_usd, basis, external_id)
        values ('%1$s', '2026-11-01', '%2$s', 'voice', 'canary', 'cost-canary-%3$s', 1, 'metered', '%3$s')\
        """
            .formatted(user, channel, mark));
    platform.execute(
        """
        insert into core.insights (user_id, week, sentences, author, channel_ids, video_ids, written_at)
        values ('%1$s', date '2026-01-05' + 7 * %3$s, array['insight-canary-%3$s'], 'rules', array['%2$s'], '{}', now());
        insert into core.insight_settings (user_id, monthly_budget_usd, updated_at) values ('%1$s', 1, now()) on conflict do nothing\
        """
            .formatted(user, channel, mark));
    platform.execute(
        """
        insert into core.events (user_id, at, event_id, kind, source, channel_id, data)
        values ('%1$s', now(), gen_random_uuid(), 'canary', 'event-canary-%3$s', '%2$s', '{"text": "event-data-canary-%3$s"}')\
        """
            .formatted(user, channel, mark));
    platform.execute(
        "insert into core.event_hours values ('%s', date_trunc('hour', now()), 'canary', 'event-count-canary-%s', 1)"
            .formatted(user, mark));
    platform.execute(
        "insert into core.event_arrivals values ('%s', current_date, 1) on conflict do nothing"
            .formatted(user));
    platform.execute(
        "insert into core.billing_accounts (user_id, customer_id, linked_at, due_at) values ('%s', 'cus_canary%s', now(), now() + interval '1 year') on conflict do nothing"
            .formatted(user, mark));
    platform.execute(
        "insert into core.refused_videos (user_id, channel_id, video_id, refused_at) values ('%s', '%s', 'refusedvi%s', now())"
            .formatted(user, channel, mark));
    platform.execute(
        """
        insert into core.quality_results (user_id, channel_id, check_name, day, checked_at, level, worst_level, value, worst_value)
        values ('%1$s', '%2$s', 'quality-canary-%3$s', current_date, now(), 'warn', 'warn', 1, 1);
        insert into core.quality_incidents (user_id, check_name, opened_at, updated_at, value, channels)
        values ('%1$s', 'incident-canary-%3$s', now(), now(), 1, 1);
        insert into core.rejected_rows (user_id, day, kind, reason, row_count, last_at)
        values ('%1$s', current_date, 'channel-day', 'rejection-canary-%3$s', 1, now())\
        """
            .formatted(user, channel, mark));
    platform.execute(
        "insert into core.backfills (user_id, channel_id, report, first_day, reached) values ('%s', '%s', 'channel-day', '2020-01-01', '2020-02-01')"
            .formatted(user, channel));
  }

  private void store(
      String user, String channel, String video, String title, long views, String revenue) {
    String at = "2026-11-20T17:0%d:00Z".formatted(views % 2);
    Map<String, Object> base = Map.of("userId", user, "channelId", channel);
    List<Map<String, Object>> rows = new ArrayList<>();
    rows.add(
        Map.of(
            "kind",
            "channel-day",
            "day",
            "2026-11-01",
            "views",
            views,
            "estimatedRevenue",
            revenue));
    rows.add(
        Map.of(
            "kind",
            "video-day",
            "videoId",
            video,
            "day",
            "2026-11-01",
            "views",
            views,
            "estimatedRevenue",
            revenue));
    rows.add(
        Map.of(
            "kind",
            "channel-statistics",
            "observedAt",
            at,
            "views",
            views,
            "subscribers",
            views,
            "videos",
            1));
    rows.add(
        Map.of(
            "kind",
            "video-statistics",
            "videoId",
            video,
            "observedAt",
            at,
            "views",
            views,
            "likes",
            views));
    rows.add(
        Map.of(
            "kind",
            "dimension-day",
            "dimension",
            "deviceType",
            "value",
            title,
            "day",
            "2026-11-01",
            "views",
            views));
    rows.add(
        Map.of(
            "kind",
            "dimension-period",
            "dimension",
            "country",
            "value",
            title,
            "startDate",
            "2026-10-26",
            "endDate",
            "2026-11-01",
            "views",
            views));
    rows.add(
        Map.of(
            "kind",
            "retention-point",
            "videoId",
            video,
            "startDate",
            "2026-10-05",
            "endDate",
            "2026-11-01",
            "elapsedVideoTimeRatio",
            0.5,
            "startedWatching",
            views));
    rows.add(
        Map.of(
            "kind",
            "video",
            "videoId",
            video,
            "title",
            title,
            "publishedAt",
            "2026-11-20T00:00:00Z"));
    List<Map<String, Object>> whole = new ArrayList<>();
    for (Map<String, Object> row : rows) {
      Map<String, Object> one = new LinkedHashMap<>(base);
      one.putAll(row);
      whole.add(one);
    }
    JsonNode stored =
        platform.post("/v1/metrics/store", service, Map.of("rows", whole)).expect(200).body();
    if (stored.get("rejected").intValue() != 0) {
      throw new AssertionError(stored.toString());
    }
  }

  private void analyse() {
    try (Connection admin = Engines.admin(platform.database);
        var statement = admin.createStatement()) {
      statement.execute("analyze");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What must not be seen even encrypted or hashed. */
  private void takeCiphertexts() {
    for (Person person : people) {
      for (Map<String, Object> row :
          platform.admin(
              """
              select encode(substr(refresh_token_encrypted, 6, 24), 'hex') as secret from core.oauth_grants where user_id = '%1$s'
              union all select encode(token_hash, 'hex') from core.api_tokens where user_id = '%1$s'
              union all select substr(secret, 10, 30) from core.webhook_subscriptions where user_id = '%1$s'
              """
                  .formatted(person.userId()))) {
        person.canaries().add(String.valueOf(row.get("secret")));
      }
    }
  }
}
