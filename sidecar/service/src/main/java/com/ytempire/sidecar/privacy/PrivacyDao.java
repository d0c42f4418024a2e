package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.db.CopyOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.SqlObject;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Exports and erases everything of the tenant. */
interface PrivacyDao extends SqlObject {
  /** A channel whose time has come. */
  record DueErasure(UUID userId, String channelId) {}

  /** The directory's list, over all users. */
  @SqlQuery("select * from app.channels_to_erase(:now)")
  @RegisterConstructorMapper(DueErasure.class)
  List<DueErasure> channelsToErase(Instant now);

  @SqlUpdate("select app.erase_channel_data(:channelId)")
  void eraseChannelData(String channelId);

  /** Deletes a channel with all that is stored of it; false when there is none. */
  @SqlQuery("select app.delete_channel(:channelId)")
  boolean deleteChannel(String channelId);

  /** Holds the channel; false when it was connected again meanwhile. */
  @SqlQuery(
      "select true from analytics.channels where channel_id = :channelId and erase_after <= :now for update")
  List<Boolean> holdIfDue(String channelId, Instant now);

  /** False when there is no such user. */
  @SqlQuery("select app.erase_user(:at)")
  boolean eraseUser(Instant at);

  @SqlQuery("select email from analytics.users")
  Optional<String> email();

  @SqlQuery("select channel_id from analytics.channels")
  List<String> channelIds();

  /** Every view that shows the tenant something of its own, as schema.view. */
  @SqlQuery(
      """
      select n.nspname || '.' || c.relname
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'v' and (n.nspname = 'analytics' or (n.nspname = 'app' and c.relname in ('audit_log', 'billing_accounts')))
       order by n.nspname, c.relname
      """)
  List<String> exportedViews();

  /**
   * The columns of a view, to be selected: before text that a spreadsheet would take for a formula
   * comes an apostrophe. Numbers stay numbers.
   */
  @SqlQuery(
      """
      select string_agg(
               case t.typcategory
                 when 'S' then format('case when %1$I ~ %2$L then %3$L || %1$I else %1$I end as %1$I', a.attname, cast(:formula as text), cast(:mark as text))
                 else quote_ident(a.attname)
               end, ', ' order by a.attnum)
        from pg_attribute a join pg_type t on t.oid = a.atttypid
       where a.attrelid = cast(:view as regclass) and a.attnum > 0 and not a.attisdropped
      """)
  String columns(String view, String formula, String mark);

  /**
   * A view as CSV (RFC 4180) with a header; nulls are empty. The name comes from the catalog.
   *
   * @throws IOException as the output threw it; the statement is cancelled then
   */
  default void writeCsv(String view, OutputStream out) throws IOException {
    CopyOutput.write(
        getHandle(),
        "copy (select %s from %s) to stdout with (format csv, header)"
            .formatted(columns(view, "^[=+@\t\r-]", "'"), view),
        out);
  }
}
