package com.ytempire.sidecar.oauth;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Role;
import com.ytempire.sidecar.web.Scope;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.PublicChannel;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Finds a channel at YouTube by its handle or the address of its page, by the grants of the user's
 * channels or, where none works, by the platform's API key. What it answers is public, does not
 * depend on who has the channel here, and is cached. Safe to share between threads.
 */
public final class ChannelLookup {
  /**
   * A handle, alone or in an address. YouTube allows letters of many scripts, digits, and the marks
   * {@code _-.\u00b7}, 3 to 30 of them.
   */
  private static final Pattern HANDLE =
      Pattern.compile(
          "(?:(?:https?://)?(?:www\\.|m\\.)?youtube\\.com/)?@?([\\p{L}\\p{M}\\p{Nd}_.\u00b7-]{3,30})(?:[/?#].*)?",
          Pattern.CASE_INSENSITIVE);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long an answer is cached: a handle may be given to another channel. */
  private static final Duration KEPT = Duration.ofDays(1);

  /** How long it is cached that there is no such channel. */
  private static final Duration ABSENCE_KEPT = Duration.ofMinutes(10);

  /** Handles that YouTube is asked for per user and hour, at each replica. */
  static final int LOOKUPS_PER_HOUR = 60;

  private static final Duration WINDOW = Duration.ofHours(1);

  /** Most users whose lookups are counted; of more, those that looked up longest ago are not. */
  private static final int MAX_USERS = 10_000;

  private final TenantAccess tenantAccess;
  private final YouTube youTube;
  private final Cache cache;
  private final boolean hasApiKey;
  private final Clock clock;
  private final Map<UUID, Lookups> lookups =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Lookups> eldest) {
          return size() > MAX_USERS;
        }
      };

  private record Lookups(Instant since, int count) {}

  /** An answer as it is cached; without a channel, there is none of the handle. */
  private record Answer(@Nullable PublicChannel channel, Instant until) {}

  /**
   * Makes the lookup.
   *
   * @param hasApiKey whether YouTube may be asked by the platform's key
   */
  public ChannelLookup(
      TenantAccess tenantAccess, YouTube youTube, Cache cache, boolean hasApiKey, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.youTube = youTube;
    this.cache = cache;
    this.hasApiKey = hasApiKey;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/channel-lookup",
                "Find a channel at YouTube by its handle; 1 unit of the user's quota, unless it is cached")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.SYNC)
            .query("handle", "The handle, such as @woodwork, or the address of the channel's page.")
            .answers("youtube-channel")
            .with(this::find));
  }

  /** The weight of the user, and the channels whose grants may work. */
  private record GrantedChannels(int weight, List<String> channelIds) {}

  private PublicChannel find(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String handle = handleOf(request.query("handle").orElse(""));
    GrantedChannels known =
        tenantAccess.as(
            request.caller(),
            userId,
            "channel.lookup",
            connection -> {
              GrantDao dao = connection.attach(GrantDao.class);
              return new GrantedChannels(
                  Tier.of(dao.subscriptionTier()).weight(), dao.connectedChannels());
            });
    Optional<Answer> cached = cached(userId, handle);
    if (cached.isPresent()) {
      return channel(Optional.ofNullable(cached.get().channel()), handle);
    }
    count(userId);
    boolean isInteractive = request.caller().role() == Role.USER;
    List<YouTube.Credential> credentials = new ArrayList<>();
    known.channelIds().forEach(id -> credentials.add(new YouTube.Credential.ChannelGrant(id)));
    if (hasApiKey) {
      credentials.add(new YouTube.Credential.ApiKey());
    }
    for (YouTube.Credential credential : credentials) {
      YouTube.Call call =
          new YouTube.Call(
              userId,
              known.weight(),
              isInteractive,
              credential,
              clock.instant().plus(PATIENCE),
              new YouTube.Spending());
      try {
        Optional<PublicChannel> found =
            Tenant.as(userId, () -> youTube.channelByHandle(call, "@" + handle));
        keep(userId, handle, found);
        return channel(found, handle);
      } catch (YouTubeException e) {
        if (!isOfGrant(e.failure())) {
          throw e;
        }
        // The grant of another channel may answer.
      }
    }
    throw Problem.of(
        Type.NOT_CONNECTED,
        "YouTube can be asked only by the grant of a channel, and the user has none that works. Use the channel's ID (UC\u2026), which YouTube Studio shows under Settings > Channel > Advanced settings.");
  }

  private static PublicChannel channel(Optional<PublicChannel> found, String handle) {
    return found.orElseThrow(() ->
        Problem.of(
            Type.UNKNOWN_CHANNEL, "YouTube has no channel with the handle @" + handle + "."));
  }

  private static String key(String handle) {
    return "channel-lookup:" + handle;
  }

  private Optional<Answer> cached(UUID userId, String handle) {
    try {
      return cache
          .get(userId, key(handle))
          .map(json -> Json.MAPPER.readValue(json, Answer.class))
          .filter(answer -> clock.instant().isBefore(answer.until()));
    } catch (JacksonException e) {
      // Of another version of this program.
      return Optional.empty();
    }
  }

  private void keep(UUID userId, String handle, Optional<PublicChannel> found) {
    Duration kept = found.isPresent() ? KEPT : ABSENCE_KEPT;
    Answer answer = new Answer(found.orElse(null), clock.instant().plus(kept));
    cache.put(userId, key(handle), Json.MAPPER.writeValueAsBytes(answer), kept);
  }

  /**
   * Counts a lookup that YouTube is asked for.
   *
   * @throws Problem if the user has had as many within the hour as are allowed
   */
  private void count(UUID userId) {
    Instant now = clock.instant();
    synchronized (lookups) {
      Lookups seen = lookups.get(userId);
      // A window that begins later than now is of a clock that was set back.
      if (seen == null || now.isBefore(seen.since()) || !now.isBefore(seen.since().plus(WINDOW))) {
        seen = new Lookups(now, 0);
      }
      if (seen.count() >= LOOKUPS_PER_HOUR) {
        Instant end = seen.since().plus(WINDOW);
        throw Problem.exhausted(
            "YouTube is asked for at most %d handles an hour for a user. Use the channel's ID (UC\u2026), or look it up later."
                .formatted(LOOKUPS_PER_HOUR),
            end,
            end);
      }
      lookups.put(userId, new Lookups(seen.since(), seen.count() + 1));
    }
  }

  private static boolean isOfGrant(Failure failure) {
    return failure instanceof Failure.NotConnected
        || failure instanceof Failure.GrantDead
        || failure instanceof Failure.AccountClosed
        || failure instanceof Failure.Unauthenticated
        || failure instanceof Failure.ScopeMissing;
  }

  private static String handleOf(String text) {
    Matcher matcher = HANDLE.matcher(text.strip());
    if (!matcher.matches()) {
      throw Problem.invalid(
          "This is not a handle, nor the address of a channel's page.",
          List.of(new Fault("?handle", "must be a handle, such as @woodwork")));
    }
    return matcher.group(1).toLowerCase(Locale.ROOT);
  }
}
