package com.ytempire.platform;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.World;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Compares the state of a platform with what must hold after a sync: rows of all channels, the
 * isolation of users, Google's units, and what n8n keeps. Each check returns what does not hold.
 */
public final class Checks {
  /** The tables with what the sync stores. */
  public static final List<String> TABLES =
      List.of(
          "channel_days",
          "video_days",
          "channel_statistics",
          "video_statistics",
          "videos",
          "traffic_source_days",
          "thumbnail_days",
          "metric_revisions");

  /**
   * Selects the ids of channels without all their rows; where YouTube counts no video there are
   * statistics alone, and where the account was closed nothing is due.
   */
  public static final String INCOMPLETE_CHANNELS =
      """
      select c.channel_id from core.channels c
        left join lateral (select s.videos from core.channel_statistics s where s.user_id = c.user_id and s.channel_id = c.channel_id
                            order by s.observed_at desc limit 1) counted on true
       where c.connection_reason is distinct from 'account-closed'
         and (counted.videos is null
              or counted.videos > 0
                 and (not exists (select from core.channel_days d where d.user_id = c.user_id and d.channel_id = c.channel_id)
                      or not exists (select from core.video_days d where d.user_id = c.user_id and d.channel_id = c.channel_id)
                      or not exists (select from core.video_statistics s where s.user_id = c.user_id and s.channel_id = c.channel_id)
                      or not exists (select from core.videos v where v.user_id = c.user_id and v.channel_id = c.channel_id)))
      """;

  /** Each view of a user's own login with the table behind it. */
  private static final Map<String, String> VIEWS =
      Map.of(
          "users", "users",
          "channels", "channels",
          "videos", "videos",
          "youtube_metrics", "channel_days",
          "video_metrics", "video_days",
          "channel_statistics", "channel_statistics",
          "video_statistics", "video_statistics");

  private static final String PERMISSION_DENIED = "42501";

  private final Platform platform;

  /** Makes the checks of a platform. */
  public Checks(Platform platform) {
    this.platform = platform;
  }

  /**
   * Attempts to see what is another user's.
   *
   * @param count of the attempts
   * @param faults what was seen, or could not be seen of one's own
   */
  public record Probes(int count, List<Fault> faults) {}

  /** Returns how many rows each of {@link #TABLES} has. */
  public Map<String, Long> rows() throws SQLException {
    Map<String, Long> rows = new LinkedHashMap<>();
    for (String table : TABLES) {
      rows.put(table, platform.number("select count(*) from core." + table));
    }
    return rows;
  }

  /** Returns what {@link #INCOMPLETE_CHANNELS} selects. */
  public List<String> incompleteChannels() throws SQLException {
    return platform.strings(INCOMPLETE_CHANNELS);
  }

  /**
   * Returns channels without all their rows, each with the reason: what the workflow said of it
   * last, else what is still due.
   */
  public Map<String, String> incompleteChannels(Sync sync, List<Customer> customers)
      throws SQLException {
    Map<String, String> said = new HashMap<>();
    for (String execution : sync.ids()) {
      said.putAll(platform.n8n().missedChannels(execution));
    }
    Map<String, String> reasons = new TreeMap<>();
    for (String channel : incompleteChannels()) {
      String reason = said.get(channel);
      reasons.put(channel, reason == null ? due(channel, customers) : reason);
    }
    return reasons;
  }

  private String due(String channelId, List<Customer> customers) {
    for (Customer customer : customers) {
      if (customer.account().channels().stream().anyMatch(each -> each.id().equals(channelId))) {
        for (JsonNode channel :
            platform.operator().get("/v1/users/" + customer.userId() + "/plan").get("channels")) {
          if (channel.get("channelId").stringValue().equals(channelId)) {
            return channel
                .get("reports")
                .valueStream()
                .filter(report -> report.get("isDue").booleanValue())
                .map(report -> report.get("report").stringValue())
                .collect(Collectors.joining(" ", "no reason given, still due: ", ""));
          }
        }
      }
    }
    return "no reason given, not in the plan";
  }

  /**
   * Returns the channels that say that their account was closed and whose user has been notified.
   */
  public Set<String> closedChannels() throws SQLException {
    return new TreeSet<>(
        platform.strings(
            """
            select c.channel_id from core.channels c
             where c.connection = 'reconnect-needed' and c.connection_reason = 'account-closed'
               and exists (select from core.notices n
                            where n.user_id = c.user_id and n.channel_id = c.channel_id and n.kind = 'reconnect-needed')
            """));
  }

  /**
   * Checks that every channel is connected, save those whose account the simulated YouTube has
   * closed: they must be among {@link #closedChannels}.
   */
  public List<Fault> connections() throws SQLException {
    List<Fault> faults = new ArrayList<>();
    Set<String> expected =
        platform.world().closingChannels().stream()
            .map(Catalog.Channel::id)
            .collect(Collectors.toSet());
    Set<String> closed = closedChannels();
    if (!closed.equals(expected)) {
      faults.add(
          Fault.of(
              Fault.Kind.CONNECTION,
              "the accounts of %s are closed, and reported as closed are %s"
                  .formatted(expected, closed)));
    }
    List<String> others =
        platform.strings(
            "select channel_id from core.channels where not is_active or connection <> 'connected'");
    others.removeAll(closed);
    if (!others.isEmpty()) {
      faults.add(
          Fault.of(
              Fault.Kind.CONNECTION,
              "%d channels are not connected: %s".formatted(others.size(), others)));
    }
    long channels = platform.number("select count(*) from core.channels");
    if (channels != platform.settings().allChannels()) {
      faults.add(
          Fault.of(
              Fault.Kind.CONNECTION,
              "there are %d channels instead of %d"
                  .formatted(channels, platform.settings().allChannels())));
    }
    return faults;
  }

  /** Returns what the database's own catalog of guards misses. */
  public List<Fault> databaseGuards() throws SQLException {
    return platform.strings("select fault || ': ' || object from app.isolation_faults()").stream()
        .map(fault -> Fault.of(Fault.Kind.ISOLATION, fault))
        .toList();
  }

  /** Creates a database login for a user. */
  public UserLogin createLogin(Customer customer) {
    JsonNode made =
        platform.operator().post("/v1/users/" + customer.userId() + "/database-login", Map.of());
    return new UserLogin(
        made.get("login").stringValue(),
        made.get("password").stringValue(),
        customer.account().email());
  }

  /** Whether a login lets its user in. */
  public boolean isUsable(UserLogin login) {
    try (Connection tenant =
        platform.postgres().connect(Platform.DATABASE, login.name(), login.password())) {
      return tenant.isValid(0);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Checks that a user's login sees the user's rows in each view, all of them and no others. */
  public Probes login(Customer customer, UserLogin login) throws SQLException {
    List<Fault> faults = new ArrayList<>();
    try (Connection tenant =
        platform.postgres().connect(Platform.DATABASE, login.name(), login.password())) {
      for (Map.Entry<String, String> view : VIEWS.entrySet()) {
        long seen = Platform.number(tenant, "select count(*) from analytics." + view.getKey());
        long foreign =
            Platform.number(
                tenant,
                "select count(*) from analytics.%s where user_id <> '%s'"
                    .formatted(view.getKey(), customer.userId()));
        long own =
            platform.number(
                "select count(*) from core.%s where user_id = '%s'"
                    .formatted(view.getValue(), customer.userId()));
        if (seen != own || foreign != 0 || own == 0) {
          faults.add(
              Fault.of(
                  // Nothing to see is not a leak.
                  foreign == 0 && seen == own ? Fault.Kind.ROWS : Fault.Kind.ISOLATION,
                  "the tenant's login sees %d rows of %s, %d of them foreign, instead of its %d"
                      .formatted(seen, view.getKey(), foreign, own)));
        }
      }
      if (!isRefused(tenant, "select count(*) from core.channel_days")) {
        faults.add(Fault.of(Fault.Kind.ISOLATION, "the tenant's login reads a private table"));
      }
    }
    return new Probes(VIEWS.size() + 1, faults);
  }

  private static boolean isRefused(Connection connection, String sql) {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
      return false;
    } catch (SQLException e) {
      return PERMISSION_DENIED.equals(e.getSQLState());
    }
  }

  /** Checks that the API token of a user reads that user's metrics and nobody else's. */
  public Probes token(Customer owner, List<Customer> customers) {
    String userToken =
        platform
            .operator()
            .post("/v1/tokens", Http.map("kind", "user", "userId", owner.userId(), "name", "check"))
            .get("token")
            .stringValue();
    Http user = new Http(platform.sidecarUrl(), userToken);
    List<Fault> faults = new ArrayList<>();
    for (Customer customer : customers) {
      int status = user.status("/v1/users/" + customer.userId() + "/metrics/channel-day");
      int wanted = customer.equals(owner) ? 200 : 404;
      if (status != wanted) {
        faults.add(
            Fault.of(
                Fault.Kind.ISOLATION,
                "the token of %s got %d instead of %d for the metrics of %s"
                    .formatted(
                        owner.account().email(), status, wanted, customer.account().email())));
      }
    }
    return new Probes(customers.size(), faults);
  }

  /** Looks for customers' figures in what n8n keeps of the executions of a sync. */
  public List<Fault> executionData(Sync sync) throws SQLException {
    return ExecutionData.faults(platform.postgres(), sync.ids()).stream()
        .map(fault -> Fault.of(Fault.Kind.FIGURES, fault))
        .toList();
  }

  /**
   * Compares our units with Google's, of each day that the platform has seen.
   *
   * @param settledForOwnCalls units by bucket that workflows settled for calls of their own, none
   *     of which reached the simulated YouTube; all on one day
   */
  public List<Fault> units(Map<String, Long> settledForOwnCalls) throws SQLException {
    Map<String, Long> settled = new HashMap<>(settledForOwnCalls);
    List<Fault> faults = new ArrayList<>();
    try (Connection admin = platform.admin();
        var statement = admin.createStatement();
        ResultSet days =
            statement.executeQuery(
                """
                select bucket, starts_at, sum(spent) as spent from core.quota_accounts
                 join core.quota_windows using (bucket, starts_at)
                 where ends_at - starts_at > interval '1 minute'
                 group by bucket, starts_at order by bucket, starts_at
                """)) {
      while (days.next()) {
        String bucket = days.getString("bucket");
        Instant start = days.getObject("starts_at", OffsetDateTime.class).toInstant();
        long ours = days.getLong("spent");
        Long theirs = platform.simulator().usage().at(start).get(bucket);
        // A call with a token that Google no longer takes is counted by us alone.
        long refused = platform.simulator().usage().unauthorizedAt(start).getOrDefault(bucket, 0L);
        if (theirs == null || ours == theirs + refused) {
          continue;
        }
        if (!settled.remove(bucket, ours - theirs - refused)) {
          faults.add(
              Fault.of(
                  Fault.Kind.UNITS,
                  "of %s we counted %d units on %s, YouTube %d"
                      .formatted(bucket, ours, LocalDate.ofInstant(start, World.PACIFIC), theirs)));
        }
      }
    }
    return faults;
  }
}
