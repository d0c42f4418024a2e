package com.ytempire.sidecar.youtube;

import static com.ytempire.sidecar.youtube.GoogleRequests.authorized;
import static com.ytempire.sidecar.youtube.GoogleRequests.changed;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpTransport;
import com.google.api.services.youtubereporting.YouTubeReporting;
import com.google.api.services.youtubereporting.model.Job;
import com.google.api.services.youtubereporting.model.Report;
import com.ytempire.sidecar.config.GoogleSettings;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTube.Call;
import com.ytempire.sidecar.youtube.YouTube.Reach;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reporting API v1: files that Google writes once a day, from jobs that were made once. The only
 * source that works for thumbnail impressions and click-through rates.
 */
final class GoogleReporting {
  private static final List<Bucket> BUCKETS =
      List.of(Bucket.REPORTING_DAY, Bucket.REPORTING_MINUTE);
  private static final ApiMethod LIST_JOBS = new ApiMethod("jobs.list", BUCKETS, true);

  /** Sent twice it would make two jobs, or answer 409. */
  private static final ApiMethod CREATE_JOB = new ApiMethod("jobs.create", BUCKETS, false);

  private static final ApiMethod LIST_REPORTS = new ApiMethod("jobs.reports.list", BUCKETS, true);
  private static final ApiMethod DOWNLOAD = new ApiMethod("media.download", BUCKETS, true);

  /** By channel, video and day (developers.google.com/youtube/reporting, since 2026-01-15). */
  private static final String REACH = "channel_reach_basic_a1";

  private static final int MAX_REPORTS = 200;

  /** Rows of one file that are kept; a video of a channel has one. */
  static final int MAX_ROWS = 5_000;

  private static final List<String> COLUMNS =
      List.of("date", "video_id", "video_thumbnail_impressions", "video_thumbnail_impressions_ctr");

  private static final Logger log = LoggerFactory.getLogger(GoogleReporting.class);

  private final YouTubeReporting reporting;
  private final GoogleSettings settings;
  private final MeteredCalls calls;

  GoogleReporting(HttpTransport transport, GoogleSettings settings, MeteredCalls calls) {
    this.settings = settings;
    this.calls = calls;
    this.reporting =
        new YouTubeReporting.Builder(
                transport,
                GoogleRequests.JSON,
                request -> GoogleRequests.prepare(request, settings))
            .setRootUrl(settings.urls().reporting() + "/")
            .setApplicationName(GoogleRequests.APPLICATION)
            .build();
  }

  String reachJob(Call call) {
    return job(call, REACH);
  }

  /** The channel's job for a type of report; made when there is none. */
  String job(Call call, String reportType) {
    return findJob(call, reportType)
        .orElseGet(() -> {
          try {
            return changed(
                    calls.execute(
                        CREATE_JOB,
                        call,
                        () ->
                            authorized(
                                    reporting
                                        .jobs()
                                        .create(
                                            new Job()
                                                .setReportTypeId(reportType)
                                                .setName(GoogleRequests.APPLICATION)),
                                    call)
                                .execute()))
                .getId();
          } catch (YouTubeException e) {
            // 409: another replica made it a moment ago.
            return findJob(call, reportType).orElseThrow(() -> e);
          }
        });
  }

  private Optional<String> findJob(Call call, String reportType) {
    var answer =
        changed(
            calls.execute(
                LIST_JOBS, call, () -> authorized(reporting.jobs().list(), call).execute()));
    return Objects.requireNonNullElse(answer.getJobs(), List.<Job>of()).stream()
        .filter(job -> reportType.equals(job.getReportTypeId()))
        .map(Job::getId)
        .findFirst();
  }

  List<BulkReport> reports(Call call, String jobId) {
    List<BulkReport> reports = new ArrayList<>();
    @Nullable String page = null;
    do {
      @Nullable String at = page;
      var answer =
          changed(
              calls.execute(
                  LIST_REPORTS,
                  call,
                  () -> {
                    var request =
                        authorized(
                            reporting.jobs().reports().list(jobId).setPageSize(MAX_REPORTS), call);
                    return (at == null ? request : request.setPageToken(at)).execute();
                  }));
      for (Report report : Objects.requireNonNullElse(answer.getReports(), List.<Report>of())) {
        reports.add(
            new BulkReport(
                report.getId(),
                LocalDate.ofInstant(Instant.parse(report.getStartTime()), Bucket.PACIFIC),
                Instant.parse(report.getCreateTime()),
                report.getDownloadUrl()));
      }
      page = answer.getNextPageToken();
    } while (page != null && !page.isEmpty());
    reports.sort(Comparator.comparing(BulkReport::createdAt));
    return reports;
  }

  List<Reach> reach(Call call, BulkReport report) {
    return read(call, report, GoogleReporting::parse);
  }

  /** Reads a file and adds it up as {@link BulkSums} does. */
  List<YouTube.BulkSum> sums(Call call, BulkReport report, BulkQuery query) {
    return read(call, report, csv -> BulkSums.read(csv, query));
  }

  /** Reads rows of a file; throws IllegalArgumentException when it is no such file. */
  @FunctionalInterface
  private interface Parser<T> {
    List<T> parse(Reader csv) throws IOException;
  }

  /**
   * The content of a file.
   *
   * @param fault why it cannot be read; null: it can
   */
  private record Content<T>(List<T> rows, @Nullable String fault) {}

  private <T> List<T> read(Call call, BulkReport report, Parser<T> parser) {
    // The address comes from Google's answer and gets the owner's token: nowhere but to Google.
    if (!sameOrigin(report.downloadUrl(), settings.urls().reporting())) {
      throw new YouTubeException(
          new Failure.Refused("A report lies outside Google's Reporting API; it was not fetched."));
    }
    Content<T> content =
        changed(calls.execute(DOWNLOAD, call, () -> download(call, report, parser)));
    if (content.fault() != null) {
      throw new YouTubeException(
          new Failure.Refused(
              "The report %s cannot be read: %s".formatted(report.reportId(), content.fault())));
    }
    return content.rows();
  }

  /**
   * Reads a file as it comes, so that a large one takes no more memory than a small one.
   *
   * @throws IOException when the file breaks off; it is downloaded again
   */
  private <T> Content<T> download(Call call, BulkReport report, Parser<T> parser)
      throws IOException {
    HttpRequest request =
        reporting.getRequestFactory().buildGetRequest(new GenericUrl(report.downloadUrl()));
    request.getHeaders().setAuthorization("Bearer " + call.accessToken());
    request.setThrowExceptionOnExecuteError(false);
    var response = request.execute();
    if (!response.isSuccessStatusCode()) {
      throw GoogleJsonResponseException.from(GoogleRequests.JSON, response);
    }
    @Nullable InputStream body = response.getContent();
    if (body == null) {
      return new Content<>(List.of(), null);
    }
    // The answer names no charset, and the library would then read Latin-1.
    try (Reader csv = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      return new Content<>(parser.parse(csv), null);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (IllegalArgumentException e) {
      return new Content<>(List.of(), e.getMessage());
    }
  }

  private static boolean sameOrigin(String address, String root) {
    URI a = URI.create(address);
    URI b = URI.create(root);
    return Objects.equals(a.getScheme(), b.getScheme())
        && Objects.equals(a.getHost(), b.getHost())
        && a.getPort() == b.getPort();
  }

  /**
   * Reads a file. Columns by their names; rows without a video (they occur since 2026-09) have no
   * place to go and are left out, as are rows that make no sense. Of more than {@value #MAX_ROWS}
   * rows those with the most impressions are kept.
   *
   * @param csv may begin with a byte order mark
   * @throws IOException when it ends in the middle of a row
   * @throws IllegalArgumentException when it has not the columns of such a file
   */
  static List<Reach> parse(Reader csv) throws IOException {
    Queue<Reach> rows = new PriorityQueue<>(Comparator.comparingLong(Reach::impressions));
    AtomicLong dropped = new AtomicLong();
    BulkFile.read(
        csv,
        COLUMNS,
        line -> {
          if (!line.get("video_id").isBlank()) {
            rows.add(row(line));
          }
          if (rows.size() > MAX_ROWS) {
            rows.remove();
            dropped.incrementAndGet();
          }
        });
    if (dropped.get() > 0) {
      log.warn(
          "{} videos of a report were left out: the {} with the most impressions are kept",
          dropped.get(),
          MAX_ROWS);
    }
    return List.copyOf(rows);
  }

  private static Reach row(CSVRecord line) {
    String rate = line.get("video_thumbnail_impressions_ctr");
    return new Reach(
        line.get("video_id"),
        LocalDate.parse(line.get("date"), DateTimeFormatter.BASIC_ISO_DATE),
        new BigDecimal(line.get("video_thumbnail_impressions")).longValueExact(),
        rate.isBlank() || rate.equalsIgnoreCase("NaN") ? null : new BigDecimal(rate));
  }
}
