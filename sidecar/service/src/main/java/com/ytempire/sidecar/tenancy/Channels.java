package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.web.Problem;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/** Queries about the tenant's channels within the tenant's transaction, for other packages. */
public final class Channels {
  private static final Pattern CHANNEL_ID = Pattern.compile("UC[0-9A-Za-z_-]{22}");

  private Channels() {}

  /**
   * A channel of the tenant.
   *
   * @throws Problem unknown-channel, also when another user has it
   */
  public static Channel require(Handle handle, String channelId) {
    return find(handle, channelId).orElseThrow(() -> unknown(channelId));
  }

  /** A channel of the tenant; empty also when another user has it. */
  public static Optional<Channel> find(Handle handle, String channelId) {
    // What is no id names nothing, and may hold what PostgreSQL takes in no text.
    return CHANNEL_ID.matcher(channelId).matches()
        ? handle.attach(ChannelDao.class).find(channelId)
        : Optional.empty();
  }

  /** The tenant's active channels, in the order of their slots. */
  public static List<Channel> active(Handle handle) {
    return handle.attach(ChannelDao.class).list(true);
  }

  static Problem unknown(String channelId) {
    return Problem.of(
        Problem.Type.UNKNOWN_CHANNEL, "This user has no channel '" + channelId + "'.");
  }
}
