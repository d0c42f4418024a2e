package com.ytempire.sidecar.tenancy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Role;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Routes about users' channels. */
public final class ChannelRoutes {
  /** As many as fit into an address of 8,000 characters, with the rest of it. */
  private static final int MAX_USERS = 150;

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Clock clock;

  public ChannelRoutes(Database database, TenantAccess tenantAccess, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/channels", "List the channels of several users at once")
            .by(OPERATOR, SERVICE, USER)
            .query(
                "userId",
                "A user; repeat it for more, up to 150. Left out: all active users, or a user token's own.")
            .query("active", "true: only active channels.")
            .answers("channel-list")
            .with(this::listAll),
        Endpoint.create("/v1/users/{userId}/channels", "Add a channel to a user")
            .by(OPERATOR, SERVICE)
            .takes("channel-create")
            .answers("channel")
            .with(this::create),
        Endpoint.get("/v1/users/{userId}/channels", "List a user's channels")
            .by(OPERATOR, SERVICE, USER)
            .query("active", "true: only active channels.")
            .answers("channel-list")
            .with(this::list),
        Endpoint.get("/v1/users/{userId}/channels/{channelId}", "Read a channel")
            .by(OPERATOR, SERVICE, USER)
            .answers("channel")
            .with(this::read),
        Endpoint.patch("/v1/users/{userId}/channels/{channelId}", "Change or deactivate a channel")
            .by(OPERATOR, SERVICE)
            .takes("channel-update")
            .answers("channel")
            .with(this::update));
  }

  private Channel.Listing listAll(Request request) {
    boolean activeOnly = request.flag("active");
    List<UUID> userIds =
        request.queries("userId").stream()
            .map(value -> Request.uuid("userId", value))
            .distinct()
            .sorted()
            .toList();
    if (userIds.size() > MAX_USERS) {
      throw Problem.invalid(
          "At most %d users at a time.".formatted(MAX_USERS),
          List.of(new Problem.Fault("?userId", "at most " + MAX_USERS)));
    }
    userIds.forEach(userId -> tenantAccess.require(request.caller(), userId));
    List<UUID> whose =
        !userIds.isEmpty()
            ? userIds
            : request.caller().role() == Role.USER
                ? List.of(Objects.requireNonNull(request.caller().userId()))
                : Users.active(database);
    return database.acrossTenants(handle -> {
      List<Channel> channels = new ArrayList<>();
      ChannelDao dao = handle.attach(ChannelDao.class);
      for (UUID userId : whose) {
        Database.enter(handle, userId);
        channels.addAll(dao.list(activeOnly));
      }
      tenantAccess.auditEach(handle, request.caller(), whose, "channel.list");
      return new Channel.Listing(channels);
    });
  }

  private Channel create(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Channel.Create body = request.body(Channel.Create.class);
    return translated(
        body.channelId(),
        () ->
            tenantAccess.as(
                request.caller(),
                userId,
                "channel.create",
                handle -> {
                  ChannelDao channels = handle.attach(ChannelDao.class);
                  channels.create(
                      body.channelId(), body.channelName(), body.niche(), clock.instant());
                  return Channels.require(handle, body.channelId());
                }));
  }

  private Channel.Listing list(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    boolean activeOnly = request.flag("active");
    return tenantAccess.as(
        request.caller(),
        userId,
        "channel.list",
        handle -> new Channel.Listing(handle.attach(ChannelDao.class).list(activeOnly)));
  }

  private Channel read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "channel.read",
        handle -> Channels.require(handle, request.path("channelId")));
  }

  private Channel update(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String channelId = request.path("channelId");
    JsonNode body = request.body();
    return translated(
        channelId,
        () ->
            tenantAccess.as(
                request.caller(),
                userId,
                "channel.update",
                handle -> {
                  Channel now = Channels.require(handle, channelId);
                  // In the tree a niche that is null (take it away) differs from one that is left
                  // out (keep it).
                  @Nullable String niche =
                      body.has("niche")
                          ? (body.get("niche").isNull() ? null : body.get("niche").stringValue())
                          : now.niche();
                  handle
                      .attach(ChannelDao.class)
                      .update(
                          channelId,
                          body.has("channelName")
                              ? body.get("channelName").stringValue()
                              : now.channelName(),
                          niche,
                          body.has("isActive")
                              ? body.get("isActive").booleanValue()
                              : now.isActive());
                  return Channels.require(handle, channelId);
                }));
  }

  private static Channel translated(String channelId, Supplier<Channel> act) {
    try {
      return act.get();
    } catch (JdbiException e) {
      if (Database.violates(e, "channels_max_5")
          || Database.violates(e, "channels_one_slot_each")) {
        throw Problem.of(
            Type.TOO_MANY_CHANNELS,
            "The user has five active channels already. Deactivate one first.");
      }
      if (Database.violates(e, "channels_pkey")) {
        throw Problem.of(
            Type.CHANNEL_EXISTS, "The user has the channel " + channelId + " already.");
      }
      throw e;
    }
  }
}
