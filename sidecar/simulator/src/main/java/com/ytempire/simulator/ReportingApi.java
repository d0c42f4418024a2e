package com.ytempire.simulator;

import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Usage.Bucket;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reporting API v1, as far as thumbnails go: jobs, their files, and the files as CSV. A job made
 * today has files of the 30 days before; a day's file comes two days later, and every seventh day
 * is revised a week after that.
 */
final class ReportingApi {
  private static final String REACH = "channel_reach_basic_a1";
  private static final Set<String> TYPES =
      Set.of(REACH, "channel_basic_a3", "channel_reach_combined_a1");
  private static final int HISTORY_DAYS = 30;
  private static final String REACH_COLUMNS =
      "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final World world;
  private final OAuthServer oauth;
  private final Usage usage;
  private final Faults faults;
  private final Map<String, Job> jobs = new ConcurrentHashMap<>();

  private record Job(String id, Channel channel, String type, Instant createdAt) {}

  private record Report(String id, LocalDate day, Instant createdAt, boolean isBackfill) {}

  ReportingApi(World world, OAuthServer oauth, Usage usage, Faults faults) {
    this.world = world;
    this.oauth = oauth;
    this.usage = usage;
    this.faults = faults;
  }

  private OAuthServer.Grant enter(Context ctx, String method) {
    OAuthServer.Grant grant = oauth.authorize(ctx, () -> usage.unauthorized(Bucket.REPORTING_DAY));
    usage.spend(Bucket.REPORTING_MINUTE);
    usage.spend(Bucket.REPORTING_DAY, method);
    faults.strike();
    if (world.isDisabled(World.Api.REPORTING)) {
      throw GoogleError.apiDisabled(true);
    }
    if (!grant.scopes().contains("https://www.googleapis.com/auth/yt-analytics.readonly")) {
      throw GoogleError.scopeMissing();
    }
    return grant;
  }

  void jobs(Context ctx) {
    Channel channel = enter(ctx, "jobs.list").channel();
    List<Object> own =
        jobs.values().stream()
            .filter(job -> job.channel().equals(channel))
            .map(ReportingApi::json)
            .toList();
    ctx.json(own.isEmpty() ? Map.of() : Map.of("jobs", own));
  }

  void create(Context ctx) {
    Channel channel = enter(ctx, "jobs.create").channel();
    String type = JSON.readTree(GzipBody.read(ctx)).path("reportTypeId").asString("");
    if (!TYPES.contains(type)) {
      throw GoogleError.badRequest("Report type '%s' is not known.".formatted(type));
    }
    Job job = job(channel, type, world.now());
    if (jobs.putIfAbsent(job.id(), job) != null) {
      throw GoogleError.alreadyExists();
    }
    ctx.json(json(job));
  }

  private static Job job(Channel channel, String type, Instant createdAt) {
    return new Job("job-" + channel.index() + "-" + type, channel, type, createdAt);
  }

  /** The jobs of all channels. */
  List<SimulatorState.ReportingJob> jobs() {
    return jobs.values().stream()
        .map(
            job -> new SimulatorState.ReportingJob(job.channel().id(), job.type(), job.createdAt()))
        .toList();
  }

  /** Takes jobs that were created before. */
  void restore(List<SimulatorState.ReportingJob> created) {
    for (SimulatorState.ReportingJob each : created) {
      Job job = job(world.channel(each.channelId()).orElseThrow(), each.type(), each.createdAt());
      jobs.put(job.id(), job);
    }
  }

  private static Object json(Job job) {
    return Map.of(
        "id",
        job.id(),
        "reportTypeId",
        job.type(),
        "name",
        "job",
        "createTime",
        job.createdAt().toString());
  }

  private Job own(Context ctx, OAuthServer.Grant grant) {
    Job job = jobs.get(ctx.pathParam("job"));
    if (job == null || !job.channel().equals(grant.channel())) {
      throw GoogleError.notFound();
    }
    return job;
  }

  void reports(Context ctx) {
    Job job = own(ctx, enter(ctx, "jobs.reports.list"));
    @Nullable String after = ctx.queryParam("createdAfter");
    List<Object> reports = new ArrayList<>();
    for (Report report : reports(job)) {
      if (after == null || report.createdAt().isAfter(Instant.parse(after))) {
        Map<String, Object> each = new LinkedHashMap<>();
        each.put("id", report.id());
        each.put("jobId", job.id());
        each.put("startTime", report.day().atStartOfDay(World.PACIFIC).toInstant().toString());
        each.put(
            "endTime", report.day().plusDays(1).atStartOfDay(World.PACIFIC).toInstant().toString());
        each.put("createTime", report.createdAt().toString());
        each.put("downloadUrl", address(ctx) + "/v1/media/" + job.id() + "/" + report.id());
        reports.add(each);
      }
    }
    ctx.json(reports.isEmpty() ? Map.of() : Map.of("reports", reports));
  }

  private static String address(Context ctx) {
    return ctx.scheme() + "://" + ctx.host();
  }

  private List<Report> reports(Job job) {
    List<Report> reports = new ArrayList<>();
    LocalDate first = LocalDate.ofInstant(job.createdAt(), World.PACIFIC).minusDays(HISTORY_DAYS);
    for (LocalDate day = first; !day.isAfter(world.today()); day = day.plusDays(1)) {
      add(reports, job, day, 2, false);
      if (day.getDayOfYear() % 7 == 0) {
        add(reports, job, day, 9, true);
      }
    }
    return reports;
  }

  /** A file that comes so many days after its day, or when the job was made. */
  private void add(List<Report> reports, Job job, LocalDate day, int later, boolean backfill) {
    Instant usual = day.plusDays(later).atStartOfDay(World.PACIFIC).toInstant().plusSeconds(3600);
    Instant first = job.createdAt().plusSeconds(backfill ? 120 : 60);
    Instant at = usual.isBefore(first) ? first : usual;
    if (!at.isAfter(world.now())) {
      reports.add(new Report((backfill ? "b" : "a") + day.toEpochDay(), day, at, backfill));
    }
  }

  void download(Context ctx) {
    Job job = own(ctx, enter(ctx, "media.download"));
    Report report =
        reports(job).stream()
            .filter(each -> each.id().equals(ctx.pathParam("report")))
            .findFirst()
            .orElseThrow(GoogleError::notFound);
    if (faults.isSpoiled(report.day())) {
      ctx.contentType("text/csv").result("no,such,file\n1,2,3\n");
      return;
    }
    if (!job.type().equals(REACH)) {
      send(
          ctx,
          report.day(),
          BulkFiles.csv(world, job.type(), job.channel(), report.day(), report.isBackfill()));
      return;
    }
    Optional<Faults.LargeFile> large = faults.largeFile(report.day());
    if (large.isPresent()) {
      sendLarge(ctx, job.channel(), report.day(), large.get());
      return;
    }
    StringBuilder csv =
        new StringBuilder(
            // Some files begin with a byte order mark.
            (report.day().getDayOfMonth() % 2 == 0 ? "\uFEFF" : "") + REACH_COLUMNS);
    String day = report.day().format(DateTimeFormatter.BASIC_ISO_DATE);
    // A file may be a header and nothing else (kyle-chalmers/youtube-bigquery-pipeline).
    boolean isEmpty = world.hasEmptyFile(job.channel(), report.day());
    if (!isEmpty) {
      // Rows without a video occur.
      csv.append(day).append(',').append(job.channel().id()).append(",,12,0.01\n");
    }
    for (AnalyticsFigures.Reach reach :
        isEmpty
            ? List.<AnalyticsFigures.Reach>of()
            : world.reach(job.channel(), report.day(), report.isBackfill())) {
      csv.append(day)
          .append(',')
          .append(job.channel().id())
          .append(',')
          .append(reach.video().id())
          .append(',')
          .append(reach.impressions())
          .append(',')
          .append(reach.rate())
          .append('\n');
    }
    send(ctx, report.day(), csv.toString());
  }

  /** Writes a file as it is sent, zipped if the caller takes that. */
  private static void sendLarge(
      Context ctx, Channel channel, LocalDate day, Faults.LargeFile large) {
    String date = day.format(DateTimeFormatter.BASIC_ISO_DATE);
    ctx.contentType("text/csv");
    try {
      OutputStream out = ctx.outputStream();
      out.write(REACH_COLUMNS.getBytes(StandardCharsets.UTF_8));
      for (int line = 1; line <= large.lines(); line++) {
        if (line == large.lines()) {
          out.flush();
          large.beforeEnd().run();
        }
        String video = "big" + String.valueOf(100_000_000 + line).substring(1);
        out.write(
            (date + "," + channel.id() + "," + video + "," + line + ",0.05\n")
                .getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void send(Context ctx, LocalDate day, String csv) {
    int lastLine = csv.lastIndexOf('\n', csv.length() - 2) + 1;
    String sent = faults.isBroken(day) ? csv.substring(0, lastLine + 5) : csv;
    // As bytes: the server would write Latin-1, which has no byte order mark.
    ctx.contentType("text/csv").result(sent.getBytes(StandardCharsets.UTF_8));
  }
}
