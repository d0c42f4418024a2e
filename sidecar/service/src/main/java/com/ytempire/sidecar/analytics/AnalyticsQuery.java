package com.ytempire.sidecar.analytics;

import com.ytempire.sidecar.analytics.AnalyticsView.Option;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A checked query of an analytics view.
 *
 * @param channels null: all
 * @param days null: the view has no period
 * @param today the Pacific day on which it is asked
 * @param sort null: by the key of the view alone
 */
record AnalyticsQuery(
    AnalyticsView view,
    @Nullable List<String> channels,
    Period.@Nullable Days days,
    LocalDate today,
    String interval,
    boolean isCompared,
    @Nullable Sort sort,
    Page page) {
  /** The column by which rows are sorted before the key of the view. */
  record Sort(Column column, boolean isDescending) {}

  /**
   * The page of the rows to read.
   *
   * @param limit rows of a page
   * @param offset rows of the pages before
   * @param question all of the query but the page, as a text to tell one query from another
   */
  record Page(int limit, int offset, String question) {}

  /** Longest period, in days: five years. */
  static final int MAX_DAYS = 1_830;

  /** Most channels that one request names. */
  static final int MAX_CHANNELS = 50;

  private static final Pattern CHANNEL_ID = Pattern.compile("UC[0-9A-Za-z_-]{22}");
  private static final List<String> INTERVALS = List.of("day", "week", "month");

  /**
   * Reads a request.
   *
   * @throws Problem that names the parameter and what it takes
   */
  static AnalyticsQuery of(Request request, Instant now) {
    String name = request.path("view");
    AnalyticsView view =
        AnalyticsView.of(name)
            .orElseThrow(() ->
                Problem.of(
                    Type.NOT_FOUND,
                    "There is no analytics view '%s'; there are: %s."
                        .formatted(name, AnalyticsView.labels())));
    @Nullable List<String> channels = channels(request, view);
    String interval = interval(request, view);
    boolean isCompared = isCompared(request, view);
    String order = request.query("sort").orElse(view.defaultSort());
    @Nullable Sort sort =
        order.isEmpty()
            ? null
            : new Sort(sortColumn(order, view, isCompared), order.startsWith("-"));
    int limit = request.number("limit", 100, 1, 1000);
    String question =
        String.join(
            "|",
            view.label(),
            channels == null ? "" : String.join(",", channels),
            interval,
            String.valueOf(isCompared),
            order,
            request.query("period").orElse(""),
            request.query("from").orElse(""),
            request.query("to").orElse(""));
    @Nullable Cursor cursor = Cursor.of(request, question).orElse(null);
    LocalDate today = cursor == null ? PacificTime.day(now) : cursor.today();
    return new AnalyticsQuery(
        view,
        channels,
        days(request, view, today),
        today,
        interval,
        isCompared,
        sort,
        new Page(limit, cursor == null ? 0 : cursor.offset(), question));
  }

  /**
   * Whether the caller wants CSV: by {@code format}, or else by {@code Accept}.
   *
   * @throws Problem when {@code format} is another
   */
  static boolean wantsCsv(Request request) {
    return request
        .query("format")
        .map(format ->
            switch (format) {
              case "csv" -> true;
              case "json" -> false;
              default -> throw bad("format", "must be json or csv, not '" + format + "'");
            })
        .orElseGet(() -> request.header("Accept").filter(AnalyticsQuery::prefersCsv).isPresent());
  }

  private static boolean prefersCsv(String accept) {
    String types = accept.toLowerCase(Locale.ROOT);
    return types.contains("text/csv") && !types.contains("application/json");
  }

  /** The columns of the answer. */
  List<Column> columns() {
    return view.columns(isCompared);
  }

  /** The cursor of the page after this one; null when paging does not reach it. */
  @Nullable String nextCursor() {
    int next = page.offset() + page.limit();
    return next > Cursor.MAX_OFFSET ? null : new Cursor(today, next).encode(page.question());
  }

  private static @Nullable List<String> channels(Request request, AnalyticsView view) {
    List<String> channels =
        request.queries("channelId").stream()
            .filter(id -> !id.isBlank())
            .distinct()
            .sorted()
            .toList();
    if (channels.isEmpty()) {
      return null;
    }
    if (!view.takes(Option.CHANNELS)) {
      throw bad("channelId", "is not for " + view.label() + ", which is of all channels together");
    }
    if (channels.size() > MAX_CHANNELS) {
      throw bad(
          "channelId",
          "may be given %d times at most, not %d".formatted(MAX_CHANNELS, channels.size()));
    }
    for (String id : channels) {
      if (!CHANNEL_ID.matcher(id).matches()) {
        throw bad("channelId", "must be UC and 22 more characters, not '" + id + "'");
      }
    }
    return channels;
  }

  private static String interval(Request request, AnalyticsView view) {
    @Nullable String interval = request.query("interval").orElse(null);
    if (interval == null) {
      return INTERVALS.getFirst();
    }
    if (!view.takes(Option.INTERVAL)) {
      throw bad(
          "interval", "is not for " + view.label() + "; it is for " + viewsWith(Option.INTERVAL));
    }
    if (!INTERVALS.contains(interval)) {
      throw bad("interval", "must be day, week or month, not '" + interval + "'");
    }
    return interval;
  }

  private static boolean isCompared(Request request, AnalyticsView view) {
    @Nullable String compare = request.query("compare").orElse(null);
    if (compare == null) {
      return false;
    }
    if (!compare.equals("previous-period")) {
      throw bad("compare", "must be previous-period, not '" + compare + "'");
    }
    if (!view.takes(Option.COMPARE)) {
      throw bad(
          "compare", "is not for " + view.label() + "; it is for " + viewsWith(Option.COMPARE));
    }
    return true;
  }

  private static String viewsWith(Option option) {
    return Arrays.stream(AnalyticsView.values())
        .filter(view -> view.takes(option))
        .map(AnalyticsView::label)
        .collect(Collectors.joining(", "));
  }

  private static Column sortColumn(String order, AnalyticsView view, boolean isCompared) {
    String name = order.startsWith("-") ? order.substring(1) : order;
    List<Column> columns = view.columns(isCompared);
    return columns.stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            bad(
                "sort",
                "must be a column of %s, with - before it for the largest first: %s; not '%s'"
                    .formatted(
                        view.label(),
                        columns.stream().map(Column::name).collect(Collectors.joining(", ")),
                        order)));
  }

  private static Period.@Nullable Days days(Request request, AnalyticsView view, LocalDate today) {
    @Nullable String period = request.query("period").orElse(null);
    @Nullable LocalDate from = request.day("from").orElse(null);
    @Nullable LocalDate to = request.day("to").orElse(null);
    String given = period != null ? "period" : from != null ? "from" : to != null ? "to" : "";
    if (!view.takesPeriod()) {
      if (!given.isEmpty()) {
        throw bad(
            given,
            view.days() == AnalyticsView.Days.RUNNING_MONTH
                ? "is not for %s, which is of the running month".formatted(view.label())
                : "is not for %s, which says itself which days it is of".formatted(view.label()));
      }
      return view.days() == AnalyticsView.Days.RUNNING_MONTH
          ? new Period.Days(today.withDayOfMonth(1), today)
          : null;
    }
    if (period != null) {
      if (from != null || to != null) {
        throw bad("period", "and from or to say both which days; send one of them");
      }
      return Period.of(period)
          .map(known -> known.days(today))
          .orElseThrow(() ->
              bad("period", "must be one of %s; not '%s'".formatted(Period.labels(), period)));
    }
    if (from == null && to == null) {
      return Period.LAST_28_DAYS.days(today);
    }
    if (from == null) {
      throw bad("from", "is missing: to needs it");
    }
    LocalDate end = to == null ? today : to;
    long length = ChronoUnit.DAYS.between(from, end) + 1;
    if (length < 1) {
      throw bad("to", "is before from: %s to %s".formatted(from, end));
    }
    if (length > MAX_DAYS) {
      throw bad(
          "from",
          "and to may be %,d days (five years) apart at most, not %,d".formatted(MAX_DAYS, length));
    }
    return new Period.Days(from, end);
  }

  private static Problem bad(String name, String message) {
    return Problem.invalid(
        "The query parameter " + name + " " + message + ".",
        List.of(new Fault("?" + name, message)));
  }
}
