package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.costs.CostDao.Entry;
import com.ytempire.sidecar.costs.CostDao.UnitPrice;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem.Fault;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Books costs in the ledger of the tenant of a transaction: each once, by provider and external id,
 * at the price of its day.
 */
public final class Ledger {
  private static final int DECIMALS = 6;

  private final Handle handle;
  private final UUID userId;
  private final CostDao dao;

  /**
   * Opens the ledger of the tenant.
   *
   * @param handle of a transaction that entered it
   * @param userId the tenant
   */
  public Ledger(Handle handle, UUID userId) {
    this.handle = handle;
    this.userId = userId;
    this.dao = handle.attach(CostDao.class);
  }

  /**
   * The outcome of a booking.
   *
   * @param entry null: it was refused, or is of a channel that waits to be erased
   * @param isNew false: it was booked before
   */
  record Outcome(@Nullable Entry entry, boolean isNew, List<Fault> faults) {}

  /** The key by which a cost is booked once. */
  private record Key(String provider, String externalId) {}

  /** The properties that a price depends on. */
  private record PriceKey(String provider, @Nullable String model, String unit, LocalDate day) {}

  /**
   * Books usages that were metered, and publishes the limits that they passed.
   *
   * @return what is wrong with the first that is refused, for people; empty: all are booked, or
   *     were before
   */
  public Optional<String> bookUsage(List<Booking> bookings, Instant now) {
    return book(bookings, now).stream()
        .flatMap(outcome -> outcome.faults().stream())
        .map(Fault::message)
        .findFirst();
  }

  /**
   * Whether a quantity in a unit can be priced.
   *
   * @param model null: by the price of the provider for all models
   */
  public boolean hasPrice(String provider, @Nullable String model, String unit, Instant at) {
    return dao.price(provider, model, unit, at).isPresent();
  }

  /**
   * Books all that can be booked, and publishes the limits that it passed; answers in their order.
   */
  List<Outcome> book(List<Booking> bookings, Instant now) {
    List<Outcome> outcomes = insert(bookings);
    List<Booking> booked = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i).isNew()) {
        booked.add(bookings.get(i));
      }
    }
    if (!booked.isEmpty()) {
      CostLimits.checkBooked(handle, userId, booked, now);
    }
    return outcomes;
  }

  /** As {@link #book}, for a caller that checks the limits in other transactions. */
  List<Outcome> insert(List<Booking> bookings) {
    Map<String, String> videos = new HashMap<>();
    dao.videos(ids(bookings, Booking::videoId))
        .forEach(video -> videos.put(video.videoId(), video.channelId()));
    Set<String> channels = Set.copyOf(dao.channels(ids(bookings, Booking::channelId)));
    Map<PriceKey, Optional<UnitPrice>> prices = new HashMap<>();
    List<Booking> good = new ArrayList<>();
    List<List<Fault>> faults = new ArrayList<>();
    for (Booking booking : bookings) {
      List<Fault> found = new ArrayList<>();
      Booking placed = place(booking, videos, channels, found);
      Booking priced = price(placed, prices, found);
      faults.add(found);
      if (found.isEmpty()) {
        good.add(priced);
      }
    }
    return outcomes(bookings, faults, good);
  }

  private List<Outcome> outcomes(
      List<Booking> bookings, List<List<Fault>> faults, List<Booking> good) {
    Map<Key, Entry> booked =
        good.isEmpty()
            ? new HashMap<>()
            : new HashMap<>(
                byKey(
                    dao.book(
                        Json.MAPPER.writeValueAsString(good.stream().map(Ledger::row).toList()))));
    List<Booking> others = good.stream().filter(each -> !booked.containsKey(key(each))).toList();
    Map<Key, Entry> before =
        others.isEmpty()
            ? Map.of()
            : byKey(
                dao.find(
                    others.stream().map(Booking::provider).toArray(String[]::new),
                    others.stream().map(Booking::externalId).toArray(String[]::new)));
    Set<Key> told = new HashSet<>();
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < bookings.size(); i++) {
      Key key = key(bookings.get(i));
      @Nullable Entry entry = booked.containsKey(key) ? booked.get(key) : before.get(key);
      boolean isRefused = !faults.get(i).isEmpty();
      outcomes.add(
          new Outcome(
              isRefused ? null : entry,
              // The second of two in one batch was booked with the first.
              !isRefused && booked.containsKey(key) && told.add(key),
              List.copyOf(faults.get(i))));
    }
    return outcomes;
  }

  private static Map<Key, Entry> byKey(List<Entry> entries) {
    return entries.stream()
        .collect(
            Collectors.toMap(
                each -> new Key(each.provider(), each.externalId()),
                each -> each,
                // Asked for twice, where a batch has it twice.
                (first, second) -> first));
  }

  private static Key key(Booking booking) {
    return new Key(booking.provider(), booking.externalId());
  }

  private static String[] ids(List<Booking> bookings, Function<Booking, @Nullable String> field) {
    Set<String> ids = new LinkedHashSet<>();
    for (Booking booking : bookings) {
      @Nullable String id = field.apply(booking);
      if (id != null) {
        ids.add(id);
      }
    }
    return ids.toArray(String[]::new);
  }

  /** Finds the channel of a video, and refuses what is not the tenant's. */
  private static Booking place(
      Booking booking, Map<String, String> videos, Set<String> channels, List<Fault> faults) {
    @Nullable String channel = booking.channelId();
    if (channel != null && !channels.contains(channel)) {
      faults.add(new Fault("/channelId", "names no channel of this user"));
    }
    @Nullable String video = booking.videoId();
    if (video == null) {
      return booking;
    }
    @Nullable String owner = videos.get(video);
    if (owner == null) {
      faults.add(
          new Fault(
              "/videoId",
              "names no stored video of this user; sync its channel first, or book to the channel"));
      return booking;
    }
    if (channel != null && !channel.equals(owner)) {
      faults.add(new Fault("/channelId", "is not the video's channel, which is " + owner));
    }
    return booking.withChannel(owner);
  }

  private Booking price(
      Booking booking, Map<PriceKey, Optional<UnitPrice>> prices, List<Fault> faults) {
    BigDecimal quantity = booking.quantity();
    String unit = booking.unit();
    if (booking.amountUsd() != null || quantity == null || unit == null) {
      return booking;
    }
    LocalDate day = LocalDate.ofInstant(booking.at(), ZoneOffset.UTC);
    Optional<UnitPrice> price =
        prices.computeIfAbsent(
            new PriceKey(booking.provider(), booking.model(), unit, day),
            asked -> dao.price(asked.provider(), asked.model(), asked.unit(), booking.at()));
    if (price.isEmpty()) {
      faults.add(
          new Fault(
              "/unit",
              "has no price on %s: an operator adds one of %s, %s, %s, or the row says amountUsd"
                  .formatted(
                      day,
                      booking.provider(),
                      booking.model() == null ? "any model" : booking.model(),
                      unit)));
      return booking;
    }
    BigDecimal usd =
        quantity
            .multiply(price.get().usd())
            .divide(BigDecimal.valueOf(price.get().per()), DECIMALS, RoundingMode.HALF_UP);
    if (usd.compareTo(BookingReader.MAX_USD) > 0) {
      faults.add(
          new Fault(
              "/quantity",
              "comes to %s USD, more than the %,.0f USD that one cost may be; is it in %s?"
                  .formatted(usd.toPlainString(), BookingReader.MAX_USD, unit)));
    }
    return booking.withAmount(usd);
  }

  private static Map<String, @Nullable Object> row(Booking booking) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    Instant at = booking.at();
    row.put("at", at.toString());
    row.put("channel_id", booking.channelId());
    row.put("video_id", booking.videoId());
    row.put("category", booking.category());
    row.put("provider", booking.provider());
    row.put("model", booking.model());
    row.put("quantity", booking.quantity());
    row.put("unit", booking.unit());
    row.put("amount_usd", booking.amountUsd());
    row.put("basis", booking.basis());
    row.put("external_id", booking.externalId());
    return row;
  }
}
