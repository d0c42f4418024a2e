package com.ytempire.sidecar.metrics;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jdbi.v3.sqlobject.SqlObject;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Held batches and fetch leases of the tenant entered in the transaction. */
interface HeldBatchDao extends SqlObject {
  /** A report of a channel, which one run fetches at a time. */
  record Key(String channelId, String report) {}

  /**
   * The outcome of a claim.
   *
   * @param place of the claimed report among those asked for, from 1
   * @param isClaimed false: another run holds it until {@code leasedUntil}
   */
  record Claim(int place, boolean isClaimed, Instant leasedUntil) {}

  /**
   * Leases reports of channels to a holder, where no other holds them; {@code
   * app.claim_fetch_leases}.
   *
   * @param users whose each report is, by the place among the tenants, from 1
   * @param now the caller's time, in which {@link Claim#leasedUntil} is given though leases end by
   *     the database's clock
   */
  @SqlQuery(
      "select * from app.claim_fetch_leases(:tenants, :users::integer[], :channels, :reports, :holder, :now, make_interval(secs => :seconds))")
  @RegisterConstructorMapper(Claim.class)
  List<Claim> claim(
      String[] tenants,
      Integer[] users,
      String[] channels,
      String[] reports,
      String holder,
      Instant now,
      long seconds);

  /** Lets the holder's leases of these reports last so long from now. */
  @SqlUpdate(
      """
      update app.fetch_leases l set leased_until = app.lease_time() + make_interval(secs => :seconds)
        from unnest(:channels, :reports) as a (channel_id, report)
       where l.channel_id = a.channel_id and l.report = a.report and l.holder = :holder
      """)
  int extend(String[] channels, String[] reports, String holder, long seconds);

  /**
   * Lets the leases of these holders, of all users, of which less than a margin is left, last so
   * long from now.
   */
  @SqlQuery(
      "select app.renew_fetch_leases(:holders, make_interval(secs => :margin), make_interval(secs => :seconds))")
  long renew(String[] holders, long margin, long seconds);

  /** Ends the holder's leases of these reports. */
  @SqlUpdate(
      """
      delete from app.fetch_leases l
       using unnest(:channels, :reports) as a (channel_id, report)
       where l.channel_id = a.channel_id and l.report = a.report and l.holder = :holder
      """)
  int release(String[] channels, String[] reports, String holder);

  /** A held batch without its rows. */
  record HeldBatch(
      UUID batchId,
      String channelId,
      String report,
      List<String> kinds,
      int rowCount,
      long sizeBytes,
      Instant fetchedAt,
      Instant expiresAt) {
    Key key() {
      return new Key(channelId, report);
    }

    BatchReference of(UUID userId) {
      return new BatchReference(
          batchId, userId, channelId, report, kinds, rowCount, sizeBytes, fetchedAt, expiresAt);
    }
  }

  /** A held batch and its user. */
  record WaitingBatch(UUID userId, @Nested HeldBatch batch) {}

  /** Batches of tenants that runs fetched by plan and nobody has stored, oldest first. */
  @SqlQuery("select * from app.plan_waiting_batches(:tenants, :now)")
  @RegisterConstructorMapper(WaitingBatch.class)
  List<WaitingBatch> waiting(String[] tenants, Instant now);

  /**
   * The amount of rows that wait to be stored.
   *
   * @param firstExpiresAt null when nothing waits
   */
  record Load(long rows, long bytes, @Nullable Instant firstExpiresAt) {}

  @SqlQuery(
      """
      select coalesce(sum(row_count), 0) as rows, coalesce(sum(size_bytes), 0) as bytes, min(expires_at) as first_expires_at
        from app.held_batches
       where stored_at is null and expires_at > :now
      """)
  @RegisterConstructorMapper(Load.class)
  Load load(Instant now);

  /** Bytes that wait to be stored, of all users: the directory's answer. */
  @SqlQuery("select app.held_bytes(:now)")
  long bytesOfAll(Instant now);

  /** Deletes the batches and leases of all users that have ended; answers how many batches. */
  @SqlQuery("select app.sweep_held_batches(:now)")
  long sweep(Instant now);

  /** Holds batches in one statement. */
  default void hold(
      List<BatchReference> references, List<byte[]> contents, boolean isDue, Instant expiresAt) {
    String sql =
        """
        insert into app.held_batches (batch_id, channel_id, report, kinds, row_count, size_bytes, content, is_due, fetched_at, expires_at)
        select batch_id, channel_id, report, string_to_array(kinds, ','), row_count, size_bytes, content, ?, fetched_at, ?
          from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::integer[], ?::bigint[], ?::bytea[], ?::timestamptz[])
            as b (batch_id, channel_id, report, kinds, row_count, size_bytes, content, fetched_at)
        """;
    try (PreparedStatement statement = getHandle().getConnection().prepareStatement(sql)) {
      statement.setBoolean(1, isDue);
      statement.setObject(2, expiresAt.atOffset(ZoneOffset.UTC));
      statement.setArray(3, array("uuid", references.stream().map(BatchReference::batchId)));
      statement.setArray(4, array("text", references.stream().map(BatchReference::channelId)));
      statement.setArray(5, array("text", references.stream().map(BatchReference::report)));
      statement.setArray(
          6, array("text", references.stream().map(each -> String.join(",", each.kinds()))));
      statement.setArray(7, array("integer", references.stream().map(BatchReference::rowCount)));
      statement.setArray(8, array("bigint", references.stream().map(BatchReference::sizeBytes)));
      statement.setArray(
          9, getHandle().getConnection().createArrayOf("bytea", contents.toArray(byte[][]::new)));
      statement.setArray(
          10, array("timestamptz", references.stream().map(each -> each.fetchedAt().toString())));
      var _ = statement.executeUpdate();
    } catch (SQLException e) {
      throw new UnableToExecuteStatementException(e, null);
    }
  }

  private Array array(String type, Stream<?> values) throws SQLException {
    return getHandle().getConnection().createArrayOf(type, values.toArray());
  }

  /** The channels of batches, whether they were stored or not; unknown batches have none. */
  @SqlQuery(
      "select distinct channel_id from app.held_batches where batch_id = any (:ids) and expires_at > :now")
  Set<String> channelsOf(UUID[] ids, Instant now);

  /**
   * The size of a batch: what its rows take of memory while they are stored.
   *
   * @param rowCount 0 when it was stored before, as is {@code sizeBytes}
   */
  record Size(UUID userId, UUID batchId, int rowCount, long sizeBytes) {}

  /**
   * Returns the sizes of batches, each user's in the order of their ids, without those that are
   * unknown or have expired.
   *
   * @param users whose each batch is, by the place among the tenants, from 1
   */
  @SqlQuery("select * from app.held_batch_sizes(:tenants, :users::integer[], :batches, :now)")
  @RegisterConstructorMapper(Size.class)
  List<Size> sizes(String[] tenants, Integer[] users, UUID[] batches, Instant now);

  /**
   * A batch as it is stored.
   *
   * @param isDue whether it was fetched by plan, so that a lease waits for it
   * @param sizeBytes of the rows as JSON
   * @param content null: it was stored before
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record LockedBatch(
      UUID batchId,
      String channelId,
      String report,
      boolean isDue,
      long sizeBytes,
      byte @Nullable [] content) {}

  /** Locks batches until the transaction ends, always in the same order. */
  @SqlQuery(
      """
      select batch_id, channel_id, report, is_due, size_bytes, content
        from app.held_batches
       where batch_id = any (:ids) and expires_at > :now
       order by batch_id
         for update
      """)
  @RegisterConstructorMapper(LockedBatch.class)
  List<LockedBatch> take(UUID[] ids, Instant now);

  /** Marks batches as stored and drops their rows. */
  @SqlUpdate(
      "update app.held_batches set content = null, stored_at = :now where batch_id = any (:ids)")
  int stored(UUID[] ids, Instant now);

  /** Ends the leases of these reports unless more of theirs waits to be stored. */
  @SqlUpdate(
      """
      delete from app.fetch_leases l
       using unnest(:channels, :reports) as a (channel_id, report)
       where l.channel_id = a.channel_id and l.report = a.report
         and not exists (
           select from app.held_batches b
            where b.channel_id = l.channel_id and b.report = l.report and b.stored_at is null and b.is_due and b.expires_at > :now)
      """)
  int endLeases(String[] channels, String[] reports, Instant now);

  /** Two arrays of the same length for {@code unnest}. */
  static String[][] columns(Collection<Key> keys) {
    return new String[][] {
      keys.stream().map(Key::channelId).toArray(String[]::new),
      keys.stream().map(Key::report).toArray(String[]::new)
    };
  }

  /** The DAO of this transaction. */
  static HeldBatchDao of(Handle handle) {
    return handle.attach(HeldBatchDao.class);
  }
}
