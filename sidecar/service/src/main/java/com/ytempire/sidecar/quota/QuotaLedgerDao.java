package com.ytempire.sidecar.quota;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Calls the ledger's SQL functions; {@code sql/repeatable/R__3_quota.sql}. */
interface QuotaLedgerDao {
  record Allotment(String account, long allotted, long taken) {}

  record Balance(String account, long unitsLeft) {}

  record ExpiredAccount(String bucket, Instant startsAt, String account) {}

  record EndedDebit(
      String bucket, Instant startsAt, String account, String payer, long units, long returned) {}

  record OpenReservation(
      String bucket, Instant startsAt, String payer, long units, Instant expiresAt) {}

  record Standing(
      String bucket,
      Instant startsAt,
      boolean isClosed,
      String account,
      long allotted,
      long spent,
      long held) {}

  record Borrowing(String bucket, Instant startsAt, String payer, long units) {}

  record Hour(String bucket, Instant hour, long units) {}

  @SqlQuery(
      "select account, allotted, taken from app.quota_lock(:bucket, :startsAt, :endsAt, :units)")
  @RegisterConstructorMapper(Allotment.class)
  List<Allotment> lock(String bucket, Instant startsAt, Instant endsAt, long units);

  @SqlUpdate("select app.quota_allot(:bucket, :startsAt, :accounts, :allotted)")
  void allot(String bucket, Instant startsAt, String[] accounts, Long[] allotted);

  @SqlQuery("select account, units_left from app.quota_left(:bucket, :startsAt, :accounts)")
  @RegisterConstructorMapper(Balance.class)
  List<Balance> balances(String bucket, Instant startsAt, String[] accounts);

  @SqlQuery(
      "select account, units_left from app.quota_open(:bucket, :startsAt, :endsAt, :units, :accounts)")
  @RegisterConstructorMapper(Balance.class)
  List<Balance> open(
      String bucket, Instant startsAt, Instant endsAt, long units, String[] accounts);

  @SqlUpdate("select app.quota_give_back(:payer, :parts::jsonb, :at)")
  void refund(String payer, String parts, Instant at);

  @SqlQuery("select * from app.quota_settle(:reservationId, :spent, :at)")
  @RegisterConstructorMapper(EndedDebit.class)
  List<EndedDebit> settle(UUID reservationId, long spent, Instant at);

  @SqlQuery("select * from app.quota_find_reservation(:reservationId)")
  @RegisterConstructorMapper(OpenReservation.class)
  Optional<OpenReservation> find(UUID reservationId);

  @SqlQuery("select * from app.quota_expire(:now)")
  @RegisterConstructorMapper(ExpiredAccount.class)
  List<ExpiredAccount> expire(Instant now);

  @SqlUpdate("select app.quota_close(:bucket, :startsAt, :at)")
  void close(String bucket, Instant startsAt, Instant at);

  @SqlQuery("select * from app.quota_standings(:buckets, :starts::timestamptz[])")
  @RegisterConstructorMapper(Standing.class)
  List<Standing> standings(String[] buckets, String[] starts);

  @SqlQuery("select * from app.quota_borrowed(:buckets, :starts::timestamptz[])")
  @RegisterConstructorMapper(Borrowing.class)
  List<Borrowing> borrowed(String[] buckets, String[] starts);

  @SqlQuery("select * from app.quota_pace(:since)")
  @RegisterConstructorMapper(Hour.class)
  List<Hour> pace(Instant since);
}
