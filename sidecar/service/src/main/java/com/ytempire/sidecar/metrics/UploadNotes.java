package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.youtube.Feeds;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what was read of uploads, and what it says of stored videos. What cannot be recorded now
 * is found again. Safe to share between threads.
 */
final class UploadNotes {
  private static final Logger log = LoggerFactory.getLogger(UploadNotes.class);

  private final Database database;

  UploadNotes(Database database) {
    this.database = database;
  }

  /** Notes that videos are listed which were given up: a request for them will show. */
  void listed(PlannedRequest request, Set<String> found) {
    Set<String> back = new HashSet<>(request.channel().goneVideoIds());
    back.retainAll(found);
    if (back.isEmpty()) {
      return;
    }
    try {
      database
          .idempotent()
          .asTenant(handle ->
              handle
                  .attach(PlanDao.class)
                  .listed(request.channelId(), back.toArray(String[]::new)));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("videos that are listed again are not noted: {}", e.getMessage());
    }
  }

  /**
   * Notes that videos were removed: a request for them will show whether they are gone. One that
   * the same feed lists is public again, however long the feed keeps saying that it was removed.
   */
  void removed(PlannedRequest request, Feeds.Entries entries, Instant at) {
    Set<String> removed = new HashSet<>(entries.removedIds());
    entries.uploads().forEach(upload -> removed.remove(upload.videoId()));
    request.channel().videos().stream()
        .filter(video -> video.absence() != null)
        .forEach(video -> removed.remove(video.videoId()));
    if (removed.isEmpty()) {
      return;
    }
    try {
      database
          .idempotent()
          .useTenant(handle ->
              handle
                  .attach(PlanDao.class)
                  .vanished(request.channelId(), removed.toArray(String[]::new), at));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      // The feed says it again in an hour.
      log.warn("videos that the feed calls removed are not noted: {}", e.getMessage());
    }
  }

  /**
   * Notes what was read, of all users at once. If that fails it is read once more next time, which
   * is a unit lost and no harm done.
   */
  void read(List<Discovery> discoveries, Deadline deadline) {
    List<Discovery> reads =
        discoveries.stream()
            .filter(each -> each.feedReadAt() != null || each.playlistReadAt() != null)
            .toList();
    if (reads.isEmpty()) {
      return;
    }
    UUID[] users = reads.stream().map(each -> each.request().item().userId()).toArray(UUID[]::new);
    String[] channels =
        reads.stream().map(each -> each.request().channelId()).toArray(String[]::new);
    try {
      deadline.run(
          () -> database.idempotent().useTenants(handle -> read(handle, reads, users, channels)));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("what was read of uploads is not noted: {}", e.getMessage());
    }
  }

  private static void read(Handle handle, List<Discovery> reads, UUID[] users, String[] channels) {
    UploadWatchDao dao = handle.attach(UploadWatchDao.class);
    String[] tenants = Database.tenants(handle, users);
    dao.uploadsRead(
        tenants,
        channels,
        texts(reads, Discovery::feedReadAt),
        texts(reads, Discovery::playlistReadAt));
    int[] silent =
        IntStream.range(0, tenants.length).filter(i -> reads.get(i).isHubSilent()).toArray();
    if (silent.length > 0) {
      Instant at = Objects.requireNonNull(reads.get(silent[0]).playlistReadAt());
      dao.hubSilent(
          Arrays.stream(silent).mapToObj(i -> tenants[i]).toArray(String[]::new),
          Arrays.stream(silent).mapToObj(i -> channels[i]).toArray(String[]::new),
          at);
    }
  }

  private static @Nullable String[] texts(
      List<Discovery> reads, Function<Discovery, @Nullable Instant> moment) {
    @Nullable String[] texts = new String[reads.size()];
    for (int i = 0; i < texts.length; i++) {
      @Nullable Instant at = moment.apply(reads.get(i));
      texts[i] = at == null ? null : at.toString();
    }
    return texts;
  }
}
