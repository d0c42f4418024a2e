package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.config.AllowedTarget;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.StoredSecret;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.webhooks.WebhookDao.ClaimedDelivery;
import com.ytempire.sidecar.webhooks.WebhookDao.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Delivers events to subscriptions, at least once each and with the same {@code webhook-id} at each
 * attempt, over restarts of either side. An event that is not delivered within three days is given
 * up; a subscription whose address fails for a week is deleted. Replicas share the work by leases
 * in the database. Safe to share between threads.
 */
public final class Deliveries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Deliveries.class);

  /** Longer than a round of one address can take: it ends with the first call that fails. */
  private static final Duration LEASE = Duration.ofMinutes(2);

  /** Of one address in a round. */
  private static final int OF_EACH = 10;

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);
  static final Duration KEPT = Duration.ofDays(3);
  static final Duration SILENT_FOR = Duration.ofDays(7);

  private static final int GONE = 410;
  private static final String NO_SECRET = "secret not usable";

  private final Database database;
  private final Consumer<String> outcome;
  private final Clock clock;
  private final WebhookClient client;
  private final SecretCipher cipher;

  /** Subscriptions that something is being sent to. */
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SampleSender samples;

  /**
   * Sends nothing before {@link #run}.
   *
   * @param outcome receives the outcome of each call: delivered, failed, or given-up
   * @param allowed targets outside the public Internet that may be called
   */
  public Deliveries(
      Database database,
      Consumer<String> outcome,
      List<AllowedTarget> allowed,
      SecretCipher cipher,
      Clock clock) {
    this.cipher = cipher;
    this.client = new WebhookClient(allowed, clock);
    this.samples = new SampleSender(client, threads, clock);
    this.database = database;
    this.outcome = outcome;
    this.clock = clock;
  }

  TargetPolicy policy() {
    return client.policy();
  }

  SampleSender samples() {
    return samples;
  }

  /**
   * Starts to send due deliveries, and does not wait for them. Each address gets its events in
   * order; a slow address delays no other.
   */
  public void run() {
    Map<UUID, List<ClaimedDelivery>> bySubscription = new LinkedHashMap<>();
    Claim claim = claim(null, busy.stream().map(UUID::toString).toArray(String[]::new));
    claim
        .deliveries()
        .forEach(claimed ->
            bySubscription
                .computeIfAbsent(claimed.subscriptionId(), id -> new ArrayList<>())
                .add(claimed));
    bySubscription.forEach((subscription, deliveries) -> {
      busy.add(subscription);
      threads.execute(() -> {
        try {
          sendAll(subscription, new Claim(claim.at(), deliveries));
        } catch (RuntimeException e) {
          // Due again when the lease ends.
          log.warn("deliveries to subscription {} stopped: {}", subscription, e.getMessage());
        } finally {
          busy.remove(subscription);
        }
      });
    });
  }

  /**
   * Deliveries of one subscription or of several that were claimed together.
   *
   * @param at when, as the database keeps it
   */
  private record Claim(Instant at, List<ClaimedDelivery> deliveries) {
    Instant leasedUntil() {
      return at.plus(LEASE);
    }
  }

  private Claim claim(@Nullable UUID only, String[] except) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return new Claim(
        now,
        database.directory(handle ->
            handle.attach(WebhookDao.class).claim(now, now.plus(LEASE), OF_EACH, only, except)));
  }

  private void sendAll(UUID subscription, Claim first) {
    Claim claim = first;
    while (!claim.deliveries().isEmpty() && send(claim)) {
      claim = claim(subscription, new String[0]);
    }
  }

  /** Forgets what is done or given up; every hour. */
  public void sweep() {
    Instant now = clock.instant();
    long givenUp =
        database.directory(handle ->
            handle.attach(WebhookDao.class).sweep(now.minus(KEPT), now.minus(SILENT_FOR)));
    for (long i = 0; i < givenUp; i++) {
      outcome.accept("given-up");
    }
    if (givenUp > 0) {
      log.warn(
          "{} events were not taken by their subscribers in {} days and are given up",
          givenUp,
          KEPT.toDays());
    }
  }

  /**
   * Sends what was taken of one subscription, up to the first that its address does not take.
   *
   * @return whether it took all
   */
  private boolean send(Claim claim) {
    List<ClaimedDelivery> deliveries = claim.deliveries();
    for (int i = 0; i < deliveries.size(); i++) {
      ClaimedDelivery claimed = deliveries.get(i);
      Optional<Event> event =
          Tenant.as(
              claimed.userId(),
              () ->
                  database.asTenant(handle ->
                      handle
                          .attach(WebhookDao.class)
                          .event(claimed.subscriptionId(), claimed.eventId())));
      if (event.isEmpty()) {
        continue;
      }
      Optional<String> secret = cipher.decrypt(claimed.secret(), boundTo(claimed.url()));
      WebhookClient.@Nullable Failure failed =
          secret.isEmpty()
              ? new WebhookClient.Failure(0, NO_SECRET)
              : client.send(
                  claimed.url(),
                  secret.get(),
                  claimed.eventId().toString(),
                  body(claimed.userId(), event.get()));
      if (failed != null) {
        refused(claim, i, failed);
        return false;
      }
      Instant now = clock.instant();
      outcome.accept("delivered");
      asTenant(claimed, dao -> dao.delivered(claimed.subscriptionId(), claimed.eventId(), now));
      database.useDirectory(
          handle -> handle.attach(WebhookDao.class).noteSuccess(claimed.subscriptionId(), now));
    }
    return true;
  }

  /**
   * The address rests, longer each time; so does the event that it would not take. One that was
   * resumed while the call was under way rests for the first pause: it was starting.
   *
   * @param index of that event among the claimed ones
   */
  private void refused(Claim claim, int index, WebhookClient.Failure failed) {
    ClaimedDelivery first = claim.deliveries().get(index);
    outcome.accept("failed");
    if (failed.status() == GONE) {
      database
          .operator()
          .useDirectory(handle -> handle.attach(WebhookDao.class).delete(first.subscriptionId()));
      log.info("subscription {} ended: its address says that it is gone", first.subscriptionId());
      return;
    }
    Instant now = clock.instant();
    // Whatever it took before this one in the same round has ended its row of failures.
    Instant wanted = now.plus(pause(index > 0 ? 1 : first.failures() + 1));
    // Before the deliveries: who resumes from now on finds an address that rests, and ends that.
    Instant restsUntil = rest(first.subscriptionId(), now, failed.why(), wanted, claim.at());
    Instant again = restsUntil.isBefore(wanted) ? restsUntil : now.plus(pause(first.attempts()));
    log.info(
        "subscription {} did not accept event {}; next attempt at {}: {}",
        first.subscriptionId(),
        first.eventId(),
        again,
        failed.why());
    postpone(first, again, claim);
    claim
        .deliveries()
        .subList(index + 1, claim.deliveries().size())
        .forEach(next -> postpone(next, restsUntil, claim));
  }

  private Instant rest(
      UUID subscriptionId, Instant now, String why, Instant wanted, Instant claimedAt) {
    return database
        .directory(handle ->
            handle
                .attach(WebhookDao.class)
                .noteFailure(subscriptionId, now, why, wanted, claimedAt, FIRST_PAUSE.toSeconds()))
        .orElse(wanted);
  }

  private void postpone(ClaimedDelivery delivery, Instant until, Claim claim) {
    asTenant(
        delivery,
        dao ->
            dao.tryAgain(
                delivery.subscriptionId(), delivery.eventId(), until, claim.leasedUntil()));
  }

  /** 5, 10, 20 … seconds, 15 minutes at most. */
  static Duration pause(int times) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(times - 1, 8));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  private void asTenant(ClaimedDelivery claimed, Consumer<WebhookDao> act) {
    Tenant.run(
        claimed.userId(),
        () -> database.useTenant(handle -> act.accept(handle.attach(WebhookDao.class))));
  }

  /** As {@code schemas/event.json} has it. */
  private static String body(UUID userId, Event event) {
    ObjectNode document =
        EventDocument.of(event.eventId(), event.kind(), event.at(), userId, false);
    if (event.channelId() != null) {
      document.put("channelId", event.channelId());
      document.put("channelName", event.channelName());
    }
    JsonNode data = Json.MAPPER.readTree(event.data());
    data.properties().forEach(field -> document.set(field.getKey(), field.getValue()));
    return Json.MAPPER.writeValueAsString(document);
  }

  /**
   * What the secret of an address is encrypted for: it signs for no other address. It is not bound
   * to the subscription's user besides. Subscriptions of one address share its reader, who knows
   * all their secrets; and whoever can write another user into a subscription can as well make one
   * of that user, with a secret of its own.
   */
  static String boundTo(String url) {
    return "webhook-secret:" + url;
  }

  /** Encrypts secrets with the primary key where another key, or none, did. */
  public void encryptSecretsAnew() {
    StoredSecret.encryptAnew(
        cipher,
        database.directory(handle -> handle.attach(WebhookDao.class).secrets()).stream()
            .map(row ->
                new StoredSecret(
                    "subscription " + row.subscriptionId(),
                    row.secret(),
                    boundTo(row.url()),
                    secret -> replace(row, secret)))
            .toList());
  }

  private void replace(WebhookDao.SecretRow row, String secret) {
    database
        .operator()
        .useDirectory(handle ->
            handle
                .attach(WebhookDao.class)
                .changeSecret(row.subscriptionId(), row.secret(), secret));
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.close();
  }
}
