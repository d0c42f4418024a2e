package com.ytempire.sidecar.quality;

import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.quality.QualityDao.Measure;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.youtube.YouTube;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the checks that are due, of one user after the other, each as that user and in short
 * transactions. A check that fails for one user is logged and held back, and the others are made.
 * Replicas may run it beside each other: an incident is opened, and told, once.
 */
public final class QualityMonitor {
  /** How long results are kept. */
  static final int RESULT_DAYS = 90;

  private static final Logger log = LoggerFactory.getLogger(QualityMonitor.class);

  /** How soon a daily check looks again while its incident is open. */
  private static final Duration RECHECK_INTERVAL = Duration.ofHours(1);

  /** Days of views that are judged at once, at most. */
  private static final int MAX_JUDGED_DAYS = 28;

  /** What one check of one user may take. */
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final Duration FAULTS_INTERVAL = Duration.ofHours(1);

  private final Database database;
  private final RevenueChecks revenue;
  private final IsolationProbe isolationProbe;
  private final Clock clock;
  private final CheckBackoff backoff = new CheckBackoff();
  private volatile Map<Check, Integer> open = Map.of();
  private volatile int isolationFaults;
  private Instant faultsDue = Instant.MIN;

  /**
   * Creates a monitor.
   *
   * @param youTube that takes grants of channels
   * @param interval from one run to the next
   */
  public QualityMonitor(
      Database database,
      YouTube youTube,
      IsolationProbe isolationProbe,
      Duration interval,
      Clock clock) {
    this.database = database;
    this.revenue = new RevenueChecks(database, new RevenueReader(youTube, clock), interval, clock);
    this.isolationProbe = isolationProbe;
    this.clock = clock;
  }

  /** Makes what is due now; once an interval. */
  public void run() {
    Instant now = clock.instant();
    if (!now.isBefore(faultsDue)) {
      List<String> faults = database.isolationFaults();
      if (!faults.isEmpty()) {
        log.error("The database does not isolate its users: {}", String.join("; ", faults));
      }
      isolationFaults = faults.size();
      faultsDue = now.plus(FAULTS_INTERVAL);
    }
    Map<Check, Integer> opened = new EnumMap<>(Check.class);
    Map<UUID, Integer> weights = Users.weights(database);
    backoff.keep(weights.keySet());
    List<UUID> users = new ArrayList<>(weights.keySet());
    // Replicas begin with different ones: what one of them made, the others need not.
    Collections.shuffle(users);
    for (UUID userId : users) {
      try {
        Tenant.run(userId, () -> check(userId, now, opened));
      } catch (RuntimeException e) {
        log.warn("the checks of user {} could not be made", userId, e);
      }
    }
    open = Map.copyOf(opened);
    isolationProbe.run(users);
    revenue.run(weights);
  }

  private void check(UUID userId, Instant now, Map<Check, Integer> opened) {
    LocalDate today = PacificTime.day(now);
    for (Check check : due(now, today)) {
      if (!backoff.isOver(userId, check, now)) {
        continue;
      }
      try {
        Deadline.after(TIMEOUT).run(() -> make(userId, check, now, today));
        backoff.succeed(userId, check);
      } catch (RuntimeException e) {
        if (!CompleteRollups.isRefusal(e)) {
          backoff.fail(userId, check, now);
          log.warn("check {} of user {} could not be made", check.label(), userId, e);
        }
      }
    }
    database.useTenant(handle -> {
      QualityDao dao = handle.attach(QualityDao.class);
      for (QualityDao.Incident incident : dao.openIncidents()) {
        Check.find(incident.checkName()).ifPresent(check -> opened.merge(check, 1, Integer::sum));
      }
    });
  }

  private void make(UUID userId, Check check, Instant now, LocalDate today) {
    database.useTenant(handle -> {
      if (check == Check.ROLLUPS) {
        CompleteRollups.require(handle);
      }
      Incidents.record(handle, userId, check, find(handle, userId, check, now), now, today);
    });
  }

  /** The checks of the acting tenant that are due, but for those that call YouTube. */
  private List<Check> due(Instant now, LocalDate today) {
    return database.asTenant(handle -> {
      QualityDao dao = handle.attach(QualityDao.class);
      Map<String, Instant> last = new HashMap<>();
      dao.lastChecks(today).forEach(each -> last.put(each.checkName(), each.checkedAt()));
      Set<String> opened = new HashSet<>();
      dao.openIncidents().forEach(incident -> opened.add(incident.checkName()));
      return Arrays.stream(Check.values())
          .filter(check -> isDue(check, last.get(check.label()), opened, now))
          .toList();
    });
  }

  private static boolean isDue(
      Check check, @Nullable Instant last, Set<String> opened, Instant now) {
    return switch (check.cadence()) {
      case EVERY_RUN -> true;
      case DAILY ->
          last == null
              || opened.contains(check.label()) && !last.plus(RECHECK_INTERVAL).isAfter(now);
      case BY_CALLS -> false;
    };
  }

  private static List<Finding> find(Handle handle, UUID userId, Check check, Instant now) {
    QualityDao dao = handle.attach(QualityDao.class);
    if (check == Check.ANOMALIES) {
      return anomalies(dao.viewDays(now), PacificTime.day(now));
    }
    List<Measure> measures =
        switch (check) {
          case FRESHNESS -> dao.freshness(now);
          case COMPLETENESS -> dao.completeness(now);
          case VIDEO_COVERAGE -> dao.videoCoverage(now);
          case VIEWS -> dao.viewDifference(now);
          case VALIDITY -> dao.validity(now);
          case ISOLATION -> dao.isolation(userId);
          case ROLLUPS -> dao.rollups();
          case ANOMALIES, REVENUE -> List.of();
        };
    return measures.stream()
        .map(measure -> Finding.of(check, measure.channelId(), measure.value()))
        .toList();
  }

  /**
   * The worst of the last two days that are final, and of those that became final since the channel
   * was last judged.
   */
  private static List<Finding> anomalies(List<QualityDao.ViewDays> channels, LocalDate today) {
    List<Finding> findings = new ArrayList<>();
    for (QualityDao.ViewDays channel : channels) {
      TreeMap<LocalDate, Long> views = new TreeMap<>();
      for (int i = 0; i < channel.days().size(); i++) {
        views.put(channel.days().get(i), channel.views().get(i));
      }
      findings.add(
          views.isEmpty() ? Finding.unknown(channel.channelId()) : anomaly(channel, views, today));
    }
    return findings;
  }

  private static Finding anomaly(
      QualityDao.ViewDays channel, TreeMap<LocalDate, Long> views, LocalDate today) {
    LocalDate first = views.lastKey().minusDays(1);
    @Nullable LocalDate judgedOn = channel.judgedOn();
    if (judgedOn != null) {
      long days = ChronoUnit.DAYS.between(judgedOn, today);
      LocalDate since = views.lastKey().minusDays(Math.min(days, MAX_JUDGED_DAYS) - 1);
      first = since.isBefore(first) ? since : first;
    }
    Finding worst = Finding.unknown(channel.channelId());
    for (LocalDate day : views.tailMap(first).keySet()) {
      Finding found =
          AnomalyDetector.judge(views, day)
              .map(judgment -> finding(channel.channelId(), judgment))
              .orElse(worst);
      int compared = found.level().compareTo(worst.level());
      if (compared > 0 || compared == 0 && Check.ANOMALIES.isWorse(found.value(), worst.value())) {
        worst = found;
      }
    }
    return worst;
  }

  private static Finding finding(String channelId, AnomalyDetector.Judgment judgment) {
    BigDecimal value =
        BigDecimal.valueOf(Math.abs(judgment.deviations())).setScale(2, RoundingMode.HALF_UP);
    Level level =
        judgment.isAnomaly()
            ? Level.ERROR
            : value.compareTo(Check.ANOMALIES.warnAt()) >= 0 ? Level.WARN : Level.OK;
    return new Finding(channelId, value, level);
  }

  /** Users with an open incident of a check, when last counted. */
  public int open(Check check) {
    return open.getOrDefault(check, 0);
  }

  /** What the catalog shows to be wrong with isolation, when last counted. */
  public int isolationFaults() {
    return isolationFaults;
  }
}
