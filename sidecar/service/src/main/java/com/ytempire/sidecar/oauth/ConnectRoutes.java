package com.ytempire.sidecar.oauth;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.config.HttpSettings;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.Channel;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Endpoint.Page;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes that connect a channel to Google and disconnect it. */
public final class ConnectRoutes {
  private static final String CALLBACK = "/v1/oauth/callback";
  private static final Duration LINK_LIFETIME = Duration.ofHours(24);

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Grants grants;
  private final GrantCipher cipher;
  private final OwnerConsents consents;
  private final ConnectPages pages;
  private final String publicUrl;
  private final Clock clock;

  public ConnectRoutes(
      Database database,
      TenantAccess tenantAccess,
      Grants grants,
      GrantCipher cipher,
      OwnerConsents consents,
      HttpSettings settings,
      Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.grants = grants;
    this.cipher = cipher;
    this.consents = consents;
    this.publicUrl = settings.publicUrl();
    this.pages = new ConnectPages(publicUrl, settings.legal());
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(
                "/v1/users/{userId}/channels/{channelId}/connect",
                "Make a link at which the channel's owner grants access; it works for a day")
            .by(OPERATOR, SERVICE, USER)
            .query("revenue", "false: do not offer to show the channel's revenue.")
            .answers("connect-link")
            .with(this::connect),
        Endpoint.get(ConnectPages.PATH, "The page that a channel's owner sees before Google's")
            .query("state", "As the link has it.")
            .answersPage(400)
            .with(this::welcome),
        Endpoint.get(ConnectPages.START, "Where that page leads on to Google's")
            .query("state", "As the link has it.")
            .query("agree", "on: the terms are agreed to.")
            .query("revenue", "on: the channel's revenue may be read as well.")
            .answersPage(400)
            .redirects()
            .with(this::start),
        Endpoint.get(CALLBACK, "Where Google sends the owner back to")
            .query("state", "As we gave it to Google.")
            .query("code", "From Google.")
            .query("error", "From Google.")
            .answersPage(400, 404, 409, 502)
            .with(this::callback),
        Endpoint.delete(
                "/v1/users/{userId}/channels/{channelId}/connection",
                "Disconnect a channel: end its grant, hide what was fetched, erase it within a week")
            .by(OPERATOR, SERVICE, USER)
            .with(this::disconnect));
  }

  record Link(String connectUrl, Instant expiresAt) {}

  private Link connect(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Instant expiresAt = clock.instant().plus(LINK_LIFETIME).truncatedTo(ChronoUnit.SECONDS);
    boolean offersRevenue = request.query("revenue").isEmpty() || request.flag("revenue");
    tenantAccess.use(
        request.caller(),
        userId,
        "channel.connect",
        handle -> {
          if (!Channels.require(handle, request.path("channelId")).isActive()) {
            throw Problem.of(Type.CHANNEL_INACTIVE, "Activate the channel before connecting it.");
          }
        });
    ConnectState state =
        ConnectState.begin(userId, request.path("channelId"), offersRevenue, expiresAt);
    return new Link(pages.link(state.sealed(cipher)), expiresAt);
  }

  /** The channel and the customer that a link is for. */
  private record Invitation(Channel channel, GrantDao.Customer customer) {}

  private Optional<Invitation> invited(ConnectState state) {
    return Tenant.as(
        state.userId(),
        () ->
            database.asTenant(handle ->
                Channels.find(handle, state.channelId())
                    .map(channel ->
                        new Invitation(channel, handle.attach(GrantDao.class).customer()))));
  }

  private Optional<ConnectState> stateOf(Request request) {
    return request.query("state").flatMap(text -> ConnectState.open(text, cipher, clock));
  }

  private Page welcome(Request request) {
    return welcome(request, false);
  }

  private Page welcome(Request request, boolean notAgreed) {
    Optional<ConnectState> state = stateOf(request);
    Optional<Invitation> invited = state.flatMap(this::invited);
    return invited.isEmpty()
        ? pages.expired()
        : pages.welcome(
            invited.get().channel(),
            invited.get().customer(),
            request.query("state").orElseThrow(),
            state.get().offersRevenue(),
            notAgreed);
  }

  private Object start(Request request) {
    Optional<ConnectState> state = stateOf(request);
    Optional<Invitation> invited = state.flatMap(this::invited);
    if (invited.isEmpty()) {
      return pages.expired();
    }
    if (request.query("agree").isEmpty()) {
      return welcome(request, true);
    }
    return new Endpoint.Redirect(
        consents.url(
            publicUrl + CALLBACK,
            request.query("state").orElseThrow(),
            state.get().codeChallenge(),
            state.get().offersRevenue() && request.query("revenue").isPresent(),
            invited.get().customer().email()));
  }

  private Page callback(Request request) {
    Optional<ConnectState> state = stateOf(request);
    if (state.isEmpty()) {
      return pages.expired();
    }
    String again = pages.link(request.query("state").orElseThrow());
    if (request.query("error").isPresent()) {
      return pages.message(
          200,
          "Nothing was connected",
          "You did not allow access, so nothing has changed. The same link works again if you change your mind.",
          again);
    }
    Optional<String> code = request.query("code");
    if (code.isEmpty()) {
      return pages.message(400, "Something is missing", "Google sent no code.", again);
    }
    return Tenant.as(
        state.get().userId(),
        () ->
            page(
                consents.exchange(state.get(), code.get(), publicUrl + CALLBACK),
                state.get(),
                again));
  }

  private Page page(OwnerConsents.Result result, ConnectState state, String again) {
    return switch (result) {
      case OwnerConsents.Result.NewConnection(String title, boolean hasRevenue) ->
          pages.connected(title, hasRevenue);
      case OwnerConsents.Result.MissingPermission() ->
          pages.message(
              409,
              "A permission is missing",
              "On Google's page, leave the boxes for your YouTube account and for your YouTube Analytics reports ticked: without them there is nothing to show. Nothing was connected.",
              again);
      case OwnerConsents.Result.UsedCode() ->
          pages.message(
              400,
              "This consent was used already",
              "If the channel is not connected yet, begin again.",
              again);
      case OwnerConsents.Result.GoogleFailure(String message) ->
          pages.message(502, "Google did not go along", message + " Try again in a while.", again);
      case OwnerConsents.Result.WrongChannel(String title, String channelId) ->
          pages.wrongChannel(title, channelId, name(state), state.channelId(), again);
      case OwnerConsents.Result.NoLastingGrant() ->
          pages.message(
              502,
              "Google sent no lasting grant",
              "Remove our access at myaccount.google.com/permissions and begin again.",
              again);
      case OwnerConsents.Result.ChannelGone() ->
          pages.message(
              404,
              "This channel is gone",
              "The channel was removed since the link was made.",
              null);
    };
  }

  private String name(ConnectState state) {
    return database
        .asTenant(handle -> Channels.find(handle, state.channelId()).map(Channel::channelName))
        .orElse(state.channelId());
  }

  private @Nullable Object disconnect(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String channelId = request.path("channelId");
    tenantAccess.as(
        request.caller(),
        userId,
        "channel.disconnect",
        handle -> Channels.require(handle, channelId));
    Tenant.run(userId, () -> end(channelId));
    // Revoked at once where Google answers; otherwise by the policy jobs.
    grants.revokeEnded(userId);
    return null;
  }

  /**
   * Ours first: if Google is unavailable the grant is gone here all the same, and no longer used.
   */
  private void end(String channelId) {
    Instant now = clock.instant();
    database.asTenant(handle -> {
      grants.end(handle, channelId);
      boolean changed =
          handle
                  .attach(GrantDao.class)
                  .markDisconnected(channelId, now.plus(GrantRevocations.ERASE_AFTER_DISCONNECTION))
              == 1;
      if (changed) {
        Notices.add(
            handle,
            Notices.Kind.CHANNEL_DISCONNECTED,
            channelId,
            "The channel was disconnected. What was fetched of it is out of sight, and is erased in %d days unless it is connected again."
                .formatted(GrantRevocations.ERASE_AFTER_DISCONNECTION.toDays()),
            now);
      }
      return changed;
    });
    grants.forget(channelId);
  }
}
