package com.ytempire.sidecar.oauth;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Endpoint;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds a channel at YouTube by its handle or the address of its page, by the grants of the user's
 * channels or, where none works, by the platform's API key. What it answers is public, and does not
 * depend on who has the channel here. Safe to share between threads.
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

  private final TenantAccess tenantAccess;
  private final YouTube youTube;
  private final boolean hasApiKey;
  private final Clock clock;

  /**
   * Makes the lookup.
   *
   * @param hasApiKey whether YouTube may be asked by the platform's key
   */
  public ChannelLookup(TenantAccess tenantAccess, YouTube youTube, boolean hasApiKey, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.youTube = youTube;
    this.hasApiKey = hasApiKey;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/channel-lookup",
                "Find a channel at YouTube by its handle; 1 unit of the user's quota")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.SYNC)
            .query("handle", "The handle, such as @woodwork, or the address of the channel's page.")
            .answers("youtube-channel")
            .with(this::find));
  }

  /** What is needed to ask: the weight of the user, and the channels whose grants may work. */
  private record Known(int weight, List<String> channelIds) {}

  private PublicChannel find(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String handle = handleOf(request.query("handle").orElse(""));
    Known known =
        tenantAccess.as(
            request.caller(),
            userId,
            "channel.lookup",
            connection -> {
              GrantDao dao = connection.attach(GrantDao.class);
              return new Known(Tier.of(dao.subscriptionTier()).weight(), dao.connectedChannels());
            });
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
        return found.orElseThrow(() ->
            Problem.of(
                Type.UNKNOWN_CHANNEL, "YouTube has no channel with the handle @" + handle + "."));
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
