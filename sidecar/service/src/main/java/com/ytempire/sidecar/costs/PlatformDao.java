package com.ytempire.sidecar.costs;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/**
 * Prices, costs of the platform and totals of providers, through the functions of operators. A list
 * begins after a key, a day and the other parts; null: with the first row.
 */
interface PlatformDao {
  /** {@code schemas/price.json}. */
  record Price(
      String provider,
      @Nullable String model,
      String unit,
      LocalDate validFrom,
      BigDecimal usd,
      int per) {}

  @SqlQuery("select * from app.list_prices(cast(:day as date), :names, :limit)")
  @RegisterConstructorMapper(Price.class)
  List<Price> prices(@Nullable LocalDate day, String[] names, int limit);

  /** False: there is another price of the same day. */
  @SqlQuery("select app.add_price(:provider, :model, :unit, :validFrom, :usd, :per)")
  boolean add(
      String provider,
      @Nullable String model,
      String unit,
      LocalDate validFrom,
      BigDecimal usd,
      int per);

  /** False: there is none. */
  @SqlQuery("select app.delete_price(:provider, :model, :unit, :validFrom)")
  boolean delete(String provider, @Nullable String model, String unit, LocalDate validFrom);

  /** {@code schemas/platform-cost.json}. */
  record PlatformCost(
      String month,
      String category,
      BigDecimal usd,
      @Nullable Instant allocatedAt,
      @Nullable Long videos) {}

  @SqlQuery("select * from app.list_platform_costs(cast(:day as date), :names, :limit)")
  @RegisterConstructorMapper(PlatformCost.class)
  List<PlatformCost> platformCosts(@Nullable LocalDate day, String[] names, int limit);

  /** False: it is booked already, with another amount. */
  @SqlQuery("select app.record_platform_cost(:month, :category, :usd)")
  boolean record(LocalDate month, String category, BigDecimal usd);

  /** A cost that is to be shared. */
  record Due(LocalDate month, String category, BigDecimal usd) {}

  /** Those of the oldest month before this one, held until the transaction ends. */
  @SqlQuery("select * from app.hold_platform_costs(:before)")
  @RegisterConstructorMapper(Due.class)
  List<Due> hold(LocalDate before);

  /** Ends what was held of a month; what was recorded meanwhile stays due. */
  @SqlQuery("select app.end_platform_costs(:month, :categories, :at, :videos)")
  @Nullable String end(LocalDate month, String[] categories, Instant at, long videos);

  @SqlQuery("select app.record_provider_total(:provider, :month, :unit, :total, :ledger, :at)")
  @Nullable String recordTotal(
      String provider,
      LocalDate month,
      String unit,
      BigDecimal total,
      BigDecimal ledger,
      Instant at);

  /** A provider's total beside the ledger's. */
  record StoredTotal(
      String provider,
      String month,
      String unit,
      BigDecimal total,
      BigDecimal ledger,
      Instant checkedAt) {}

  @SqlQuery("select * from app.list_provider_totals(cast(:day as date), :names, :limit)")
  @RegisterConstructorMapper(StoredTotal.class)
  List<StoredTotal> totals(@Nullable LocalDate day, String[] names, int limit);
}
