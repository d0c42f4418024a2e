package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.metrics.UploadWatchDao.Subscriber;
import com.ytempire.sidecar.metrics.UploadWatchDao.Watch;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.youtube.Feeds;
import com.ytempire.sidecar.youtube.YouTube.Upload;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Routes to which YouTube's hub pushes new videos (W3C WebSub). Nobody needs a token here: an
 * address is given to the hub alone, and what it pushes is signed with a secret of the
 * subscription.
 */
final class UploadRoutes {
  static final String PUSH = "/v1/uploads/push/";

  private static final Logger log = LoggerFactory.getLogger(UploadRoutes.class);

  /** Bytes. A push about one video has about 2,000. */
  private static final int MAX_BYTES = 100_000;

  /** Code points of a title, as the contract has it. */
  private static final int MAX_TITLE = 300;

  /** Hubs grant ten days; more is no lease. */
  private static final long LONGEST_LEASE = Duration.ofDays(30).toSeconds();

  private final Database database;
  private final Feeds feeds;
  private final RowReader reader;
  private final Store store;
  private final UploadSecrets secrets;
  private final Clock clock;

  UploadRoutes(
      Database database,
      Feeds feeds,
      RowReader reader,
      Store store,
      UploadSecrets secrets,
      Clock clock) {
    this.store = store;
    this.secrets = secrets;
    this.reader = reader;
    this.database = database;
    this.feeds = feeds;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                PUSH + "{subscriptionId}", "Where YouTube's hub asks whether we want its pushes")
            .query("hub.mode", "subscribe, unsubscribe or denied.")
            .query("hub.topic", "The feed.")
            .query("hub.challenge", "To be sent back.")
            .query("hub.lease_seconds", "For how long it will push.")
            .answersText()
            .with(this::verify),
        Endpoint.post(PUSH + "{subscriptionId}", "Where YouTube's hub pushes new videos to")
            .answersNothing()
            .with(this::push));
  }

  private static Problem unknown() {
    return Problem.of(Type.NOT_FOUND, "There is no such subscription.");
  }

  private Subscriber subscriber(Request request) {
    String id = request.id("subscriptionId", Type.NOT_FOUND).toString();
    // The id is all that a caller shows, and anybody may try ids.
    return database
        .pushLookup(handle -> handle.attach(UploadWatchDao.class).subscriber(id))
        .stream()
        .findFirst()
        .orElseThrow(UploadRoutes::unknown);
  }

  /** Only what was asked for is confirmed: anything else would let anybody subscribe us. */
  private @Nullable Object verify(Request request) {
    Subscriber subscriber = subscriber(request);
    String mode = request.query("hub.mode").orElse("");
    if (mode.equals("denied")) {
      log.info("the hub denies pushes of channel {}", subscriber.channelId());
      return "";
    }
    Optional<String> challenge = request.query("hub.challenge");
    if (!mode.equals("subscribe")
        || challenge.isEmpty()
        || !request.query("hub.topic").equals(Optional.of(feeds.topic(subscriber.channelId())))) {
      throw unknown();
    }
    long lease =
        request
            .query("hub.lease_seconds")
            .filter(text -> text.matches("\\d{1,9}"))
            .map(Long::parseLong)
            .map(seconds -> Math.min(seconds, LONGEST_LEASE))
            .orElse(UploadPlan.LEASE.toSeconds());
    Instant until = clock.instant().plusSeconds(lease);
    boolean wanted =
        Tenant.as(
            UUID.fromString(subscriber.userId()),
            () ->
                database.asTenant(handle -> {
                  PlanDao dao = handle.attach(PlanDao.class);
                  boolean connected =
                      dao
                          .sources(Database.tenants(handle, UUID.fromString(subscriber.userId())))
                          .stream()
                          .anyMatch(source ->
                              source.channelId().equals(subscriber.channelId())
                                  && source.access().isActive()
                                  && Connection.CONNECTED.is(source.access().connection()));
                  return connected
                      && handle.attach(UploadWatchDao.class).leased(subscriber.channelId(), until)
                          == 1;
                }));
    if (!wanted) {
      throw unknown();
    }
    return challenge.get();
  }

  /**
   * Takes a push. What is not signed with our secret is thanked for and thrown away, as WebSub has
   * it (section 8), so that nobody can probe for the secret.
   */
  private @Nullable Object push(Request request) {
    Subscriber subscriber = subscriber(request);
    byte[] body = request.raw(MAX_BYTES);
    UUID userId = UUID.fromString(subscriber.userId());
    Tenant.run(
        userId,
        () -> {
          Watch watch =
              database
                  .asTenant(
                      handle -> handle.attach(UploadWatchDao.class).watchOf(subscriber.channelId()))
                  .getFirst();
          if (secrets
              .of(watch)
              .filter(
                  secret -> isSigned(body, request.header("X-Hub-Signature").orElse(""), secret))
              .isPresent()) {
            store(userId, subscriber.channelId(), body);
          } else {
            log.warn("a push for channel {} is not signed by the hub", subscriber.channelId());
          }
        });
    return null;
  }

  private void store(UUID userId, String channelId, byte[] body) {
    // The same video is pushed again when its title changes, and now and then for no reason.
    Map<String, Upload> uploads = new LinkedHashMap<>();
    String[] removed;
    try {
      Feeds.Entries entries = feeds.read(new ByteArrayInputStream(body));
      removed = entries.removedIds().toArray(String[]::new);
      entries.uploads().stream()
          .filter(upload -> upload.channelId().equals(channelId))
          .filter(upload -> upload.videoId().matches("[0-9A-Za-z_-]{11}"))
          .forEach(upload -> uploads.put(upload.videoId(), upload));
    } catch (IllegalArgumentException e) {
      throw Problem.of(Type.INVALID_REQUEST, "The body is no Atom feed.");
    }
    List<ParsedRow> rows =
        uploads.values().stream().map(upload -> reader.read(row(userId, upload))).toList();
    Instant now = clock.instant();
    StoreResult result =
        database.asTenant(handle -> {
          PlanDao dao = handle.attach(PlanDao.class);
          handle.attach(UploadWatchDao.class).pushed(channelId, now);
          // Deleted, or hidden: a request for it will show.
          dao.vanished(channelId, removed, now);
          dao.listed(channelId, uploads.keySet().toArray(String[]::new));
          return store.storeWithin(handle, userId, rows, now);
        });
    result.rows().stream()
        .filter(row -> row.faults() != null)
        .forEach(row ->
            log.warn("a pushed video of channel {} is left out: {}", channelId, row.faults()));
  }

  private static JsonNode row(UUID userId, Upload upload) {
    String title = upload.title().replace("\0", "");
    int length =
        title.offsetByCodePoints(0, Math.min(MAX_TITLE, title.codePointCount(0, title.length())));
    return Json.MAPPER.valueToTree(
        new FetchedRow(RowKind.VIDEO, userId, upload.channelId())
            .set("videoId", upload.videoId())
            .set("title", title.substring(0, length))
            .set("publishedAt", upload.publishedAt()));
  }

  /** {@code sha1=…} or {@code sha256=…}, compared without telling how far it was right. */
  static boolean isSigned(byte[] body, String signature, String secret) {
    String[] parts = signature.split("=", 2);
    String algorithm =
        switch (parts[0]) {
          case "sha1" -> "HmacSHA1";
          case "sha256" -> "HmacSHA256";
          default -> "";
        };
    if (algorithm.isEmpty() || parts.length < 2) {
      return false;
    }
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), algorithm));
      return MessageDigest.isEqual(
          HexFormat.of().formatHex(mac.doFinal(body)).getBytes(StandardCharsets.US_ASCII),
          parts[1].getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
