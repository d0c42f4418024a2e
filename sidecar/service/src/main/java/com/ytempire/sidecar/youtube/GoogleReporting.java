package com.ytempire.sidecar.youtube;

import static com.ytempire.sidecar.youtube.GoogleRequests.authorised;
import static com.ytempire.sidecar.youtube.GoogleRequests.changed;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpTransport;
import com.google.api.services.youtubereporting.YouTubeReporting;
import com.google.api.services.youtubereporting.model.Job;
import com.google.api.services.youtubereporting.model.Report;
import com.ytempire.sidecar.config.Config.Google;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTube.Call;
import com.ytempire.sidecar.youtube.YouTube.Reach;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
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
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reporting API v1: files that Google writes once a day, from jobs that were made once. The only
 * source that works for thumbnail impressions and click-through rates.
 */
final class GoogleReporting {
  private static final List<Bucket> BUCKETS =
      List.of(Bucket.REPORTING_DAY, Bucket.REPORTING_MINUTE);
  private static final MeteredCalls.Method LIST_JOBS =
      new MeteredCalls.Method("jobs.list", BUCKETS, true);

  /** Sent twice it would make two jobs, or answer 409. */
  private static final MeteredCalls.Method CREATE_JOB =
      new MeteredCalls.Method("jobs.create", BUCKETS, false);

  private static final MeteredCalls.Method LIST_REPORTS =
      new MeteredCalls.Method("jobs.reports.list", BUCKETS, true);
  private static final MeteredCalls.Method DOWNLOAD =
      new MeteredCalls.Method("media.download", BUCKETS, true);

  /** By channel, video and day (developers.google.com/youtube/reporting, since 2026-01-15). */
  private static final String REACH = "channel_reach_basic_a1";

  private static final int MOST_REPORTS = 200;

  private final YouTubeReporting reporting;
  private final Google settings;
  private final MeteredCalls calls;
  private final FairScheduler scheduler;

  GoogleReporting(
      HttpTransport transport, Google settings, MeteredCalls calls, FairScheduler scheduler) {
    this.settings = settings;
    this.calls = calls;
    this.scheduler = scheduler;
    this.reporting =
        new YouTubeReporting.Builder(
                transport,
                GoogleRequests.JSON,
                request -> GoogleRequests.prepare(request, settings))
            .setRootUrl(settings.reportingUrl() + "/")
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
                        scheduler,
                        () ->
                            authorised(
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
                LIST_JOBS,
                call,
                scheduler,
                () -> authorised(reporting.jobs().list(), call).execute()));
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
                  scheduler,
                  () -> {
                    var request =
                        authorised(
                            reporting.jobs().reports().list(jobId).setPageSize(MOST_REPORTS), call);
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
    // The address comes from Google's answer and gets the owner's token: nowhere but to Google.
    if (!sameOrigin(report.downloadUrl(), settings.reportingUrl())) {
      throw new YouTubeException(
          new Failure.Refused("A report lies outside Google's Reporting API; it was not fetched."));
    }
    String csv =
        changed(
            calls.execute(
                DOWNLOAD,
                call,
                scheduler,
                () -> {
                  HttpRequest request =
                      reporting
                          .getRequestFactory()
                          .buildGetRequest(new GenericUrl(report.downloadUrl()));
                  request.getHeaders().setAuthorization("Bearer " + call.accessToken());
                  request.setThrowExceptionOnExecuteError(false);
                  var response = request.execute();
                  if (!response.isSuccessStatusCode()) {
                    throw GoogleJsonResponseException.from(GoogleRequests.JSON, response);
                  }
                  // The answer names no charset, and the library would then read Latin-1.
                  try (InputStream body = response.getContent()) {
                    return new String(body.readAllBytes(), StandardCharsets.UTF_8);
                  }
                }));
    try {
      return parse(new StringReader(csv.startsWith("\uFEFF") ? csv.substring(1) : csv));
    } catch (IOException | IllegalArgumentException e) {
      throw new YouTubeException(
          new Failure.Refused(
              "The report %s cannot be read: %s".formatted(report.reportId(), e.getMessage())),
          e);
    }
  }

  /**
   * A file added up.
   *
   * @param fault why it cannot be read; null: it can
   */
  private record Sums(List<YouTube.BulkSum> rows, @Nullable String fault) {}

  /** Reads a file and adds it up as {@link BulkSums} does. */
  List<YouTube.BulkSum> sums(Call call, BulkReport report, BulkQuery query) {
    // The address comes from Google's answer and gets the owner's token: nowhere but to Google.
    if (!sameOrigin(report.downloadUrl(), settings.reportingUrl())) {
      throw new YouTubeException(
          new Failure.Refused("A report lies outside Google's Reporting API; it was not fetched."));
    }
    Sums sums =
        changed(calls.execute(DOWNLOAD, call, scheduler, () -> downloadSums(call, report, query)));
    if (sums.fault() != null) {
      throw new YouTubeException(
          new Failure.Refused(
              "The report %s cannot be read: %s".formatted(report.reportId(), sums.fault())));
    }
    return sums.rows();
  }

  private Sums downloadSums(Call call, BulkReport report, BulkQuery query) throws IOException {
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
      return new Sums(List.of(), null);
    }
    try (Reader csv = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      return new Sums(BulkSums.read(csv, query), null);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (IllegalArgumentException e) {
      return new Sums(List.of(), e.getMessage());
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
   * Columns by their names; rows without a video (they occur since 2026-09) have no place to go and
   * are left out, and so is a rate of nothing.
   */
  static List<Reach> parse(Reader csv) throws IOException {
    List<Reach> rows = new ArrayList<>();
    try (var parser =
        CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get().parse(csv)) {
      for (CSVRecord line : parser) {
        String video = line.get("video_id");
        if (!video.isBlank()) {
          String rate = line.get("video_thumbnail_impressions_ctr");
          rows.add(
              new Reach(
                  video,
                  LocalDate.parse(line.get("date"), DateTimeFormatter.BASIC_ISO_DATE),
                  new BigDecimal(line.get("video_thumbnail_impressions")).longValueExact(),
                  rate.isBlank() ? BigDecimal.ZERO : new BigDecimal(rate)));
        }
      }
    }
    return rows;
  }
}
