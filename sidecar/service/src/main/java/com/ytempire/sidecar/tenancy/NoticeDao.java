package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** The tenant's notices; written once, never changed. */
interface NoticeDao {
  @SqlUpdate(
      "insert into analytics.notices (at, kind, channel_id, message) values (:at, :kind, :channelId, :message)")
  void add(Instant at, String kind, @Nullable String channelId, String message);

  @SqlQuery(
      "select notice_id, at, kind, channel_id, message from analytics.notices where notice_id > :after order by notice_id limit :limit")
  @RegisterConstructorMapper(Notice.class)
  List<Notice> after(long after, int limit);
}
