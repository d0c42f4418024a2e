package com.ytempire.demo;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.World;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The workflows that we ship beside the sync, and those of the tests: brought into the real n8n,
 * started in each way that a person, a clock, an event, a form, a sheet or an agent starts them,
 * and looked at by what they left behind. What is wrong is kept as sentences.
 */
final class Workflows {
  /** As n8n calls it. */
  private static final String PAUSED = "waiting";

  private static final Duration AT_MOST = Duration.ofMinutes(2);

  private static final String MCP_TOKEN = "the token of the agents";

  private static final String BACKFILL = "backfill-new-channels.json";

  /** Those that are started by the button in the editor. */
  private static final List<String> BY_HAND =
      List.of(BACKFILL, "quota-watch.json", "reconnect-follow-up.json");

  private static final String SYNC = "multi-user-sync.json";

  /** Days, revenue and traffic sources of each channel. */
  private static final int BACKFILLED_REPORTS = 3;

  /** Why an execution of the sync is said to have failed when nothing could be stored. */
  private static final String NOT_STORED =
      "%d of %d channels were not fetched and stored whole; channels by reason: not-stored: %d";

  /** Database logins are not for service tokens. */
  private static final String BY_OPERATOR = "database-logins.json";

  private final N8n n8n;
  private final Http operator;
  private final String credential;
  private final Supplier<String> operatorCredential;
  private final UnaryOperator<String> credentialOfToken;
  private final LocalPostgres postgres;
  private final Simulator simulator;
  private final Path library;
  private final Path fixtures;
  private final Path node;
  private final Path pictures;
  private final Consumer<String> progress;
  private final Map<String, String> ids = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();
  private String skipped = "";

  Workflows(
      N8n n8n,
      Http operator,
      String credential,
      Supplier<String> operatorCredential,
      UnaryOperator<String> credentialOfToken,
      LocalPostgres postgres,
      Simulator simulator,
      Path root,
      Path node,
      Path pictures,
      Consumer<String> progress) {
    this.n8n = n8n;
    this.operator = operator;
    this.credential = credential;
    this.operatorCredential = operatorCredential;
    this.credentialOfToken = credentialOfToken;
    this.postgres = postgres;
    this.simulator = simulator;
    this.library = root.resolve("n8n-nodes/workflows");
    this.fixtures = root.resolve("n8n-nodes/test/workflows");
    this.node = node;
    this.pictures = pictures;
    this.progress = progress;
  }

  /** What was not done, and why; empty: nothing. */
  String skipped() {
    return skipped;
  }

  List<String> faults() {
    return faults;
  }

  /** How many were brought in, the sync not counted. */
  int count() {
    return ids.size();
  }

  /** Brings in all but the sync, for whoever looks around in the editor. */
  void importAll() {
    String agents = n8n.createBearerCredential("Agents", MCP_TOKEN);
    for (Path file : files(library)) {
      String name = file.getFileName().toString();
      if (!name.equals(SYNC)) {
        ObjectNode workflow = read(file);
        // What became of each is looked at after it ended.
        ((ObjectNode) workflow.get("settings")).put("saveDataSuccessExecution", "all");
        setAgents(workflow, agents);
        ids.put(name, n8n.importWorkflow(workflow, credential));
      }
    }
  }

  /** Gives the MCP server of a workflow the credential that agents show. */
  private static void setAgents(ObjectNode workflow, String agents) {
    for (JsonNode node : workflow.get("nodes")) {
      if (node.get("type").stringValue().endsWith(".mcpTrigger")) {
        ((ObjectNode) node)
            .putObject("credentials")
            .putObject("httpBearerAuth")
            .put("id", agents)
            .put("name", "Agents");
      }
    }
  }

  /**
   * Runs each, and every operation of every node.
   *
   * @param panels whether to look at every node's panel in the editor too
   */
  void runAll(List<World.Account> accounts, boolean panels)
      throws InterruptedException, SQLException {
    pause();
    List<World.Channel> channels =
        accounts.stream().flatMap(account -> account.channels().stream()).toList();
    // Of one that never had a video YouTube has no days.
    int channelsWithDays =
        (int)
            channels.stream()
                .filter(each -> !simulator.world().publishedVideos(each).isEmpty())
                .count();
    syncWhileNothingIsStored(channels.size(), channelsWithDays);
    syncWithoutQuota(channelsWithDays);
    byHand(channelsWithDays);
    everyOperation();
    World.Account account = accounts.getFirst();
    String user = idOf(account.email());
    sheet(user, account.channels().getFirst().id());
    form();
    withoutMail("weekly-top-videos.json", "Every Monday", "Send the List");
    withoutMail("revenue-fall-alert.json", "Run Now", "By Channel");
    backfillOneUser(user);
    newVideo(user);
    agent(user);
    askingAgent(user);
    events(user, account.channels());
    if (panels) {
      photograph();
    } else {
      skipped = "; skipped: the panels in the editor, because of --no-panels";
    }
  }

  private String idOf(String email) {
    for (JsonNode user : operator.get("/v1/users").get("users")) {
      if (user.get("email").stringValue().equals(email)) {
        return user.get("userId").stringValue();
      }
    }
    throw new IllegalStateException("there is no user " + email);
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode read(Path file) {
    try {
      return (ObjectNode) Http.JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String id(String name) {
    String id = ids.get(name);
    if (id == null) {
      throw new IllegalStateException(name + " is not in the library");
    }
    return id;
  }

  private long number(String sql) throws SQLException {
    return Demo.number(postgres, sql);
  }

  private void expect(boolean holds, String fault) {
    if (!holds) {
      faults.add(fault);
    }
  }

  private static boolean within(BooleanSupplier holds) throws InterruptedException {
    long until = System.nanoTime() + AT_MOST.toNanos();
    while (System.nanoTime() < until) {
      if (holds.getAsBoolean()) {
        return true;
      }
      Thread.sleep(250);
    }
    return false;
  }

  /** Waits for an execution's end, or until it sleeps. */
  private String ended(String workflow, String execution) throws InterruptedException {
    String[] status = {"new"};
    boolean unused =
        within(() -> {
          status[0] = n8n.status(workflow, execution);
          return !List.of("new", "running").contains(status[0]);
        });
    return status[0];
  }

  /** n8n sleeps through pauses that are shorter than this; longer ones it keeps in its database. */
  private static final String PAUSE_NODE = "Wait Until Reset";

  private static final String SETTLE_NODE = "Settle";

  /** The bucket that the workflow with the pause reserves. */
  private static final String SEARCHES = "data.search";

  /** What it reserves and settles, for calls that an editor is to put there. */
  private static final long SEARCHES_OF_WORKFLOW = 5;

  private final Map<String, Long> settledForOwnCalls = new HashMap<>();

  /** Units by bucket that workflows settled for calls that they made to Google themselves. */
  Map<String, Long> settledForOwnCalls() {
    return Map.copyOf(settledForOwnCalls);
  }

  /** How often a reservation may be refused because the sidecar is busy, which passes. */
  private static final int BUSY_TRIES = 50;

  private static final String EXHAUSTED = "/problems/quota-exhausted";

  /** A day may begin in between, and the next one. */
  private static final int PAUSE_TRIES = 3;

  /** Takes all there is of a bucket, and runs the workflow that wants some of it. */
  void pause() throws InterruptedException {
    progress.accept("pause-until-reset.json");
    String workflow = id("pause-until-reset.json");
    for (int tried = 1; ; tried++) {
      String day = status(SEARCHES).get("windowStartedAt").stringValue();
      List<String> reservations = takeAll(SEARCHES);
      String execution = n8n.run(workflow, "Run Now");
      String status = ended(workflow, execution);
      boolean hasPaused = status.equals(PAUSED) || n8n.outputs(execution).containsKey(PAUSE_NODE);
      if (status.equals(PAUSED)) {
        n8n.stop(execution);
      } else if (n8n.outputs(execution).containsKey(SETTLE_NODE)) {
        // The day began anew: the pause was over before it was looked at.
        settledForOwnCalls.merge(SEARCHES, SEARCHES_OF_WORKFLOW, Long::sum);
      }
      release(reservations);
      boolean isSameDay = status(SEARCHES).get("windowStartedAt").stringValue().equals(day);
      if (hasPaused || isSameDay || tried == PAUSE_TRIES) {
        expect(hasPaused, "pause-until-reset.json did not pause: " + status);
        return;
      }
    }
  }

  private JsonNode status(String bucket) {
    return operator.get("/v1/quota/shares?bucket=" + bucket).get("bucket");
  }

  /** Returns reserved units. */
  private void release(List<String> reservations) {
    for (String reservation : reservations) {
      // What the day that ended has given is not there any more.
      HttpResponse<String> unused =
          operator.exchange(
              "/v1/quota/reservations/" + reservation + "/settle", Http.map("unitsSpent", 0));
    }
  }

  /**
   * Reserves every unit of a day's bucket: what is common, and what is guaranteed to each user, so
   * that nothing is left that could be released. Returns the reservations.
   */
  private List<String> takeAll(String bucket) {
    List<String> reservations = new ArrayList<>();
    take(bucket, null, reservations);
    for (JsonNode share : operator.get("/v1/quota/shares?bucket=" + bucket).get("shares")) {
      if (share.get("guaranteed").longValue() > share.get("used").longValue()) {
        take(bucket, share.get("payer").stringValue(), reservations);
      }
    }
    return reservations;
  }

  /** Reserves in halves, for nobody says how much a payer may take. */
  private void take(String bucket, @Nullable String userId, List<String> into) {
    long left = status(bucket).get("remaining").longValue();
    int busy = 0;
    for (long units = left; units >= 1 && left > 0; ) {
      Map<String, Object> body = Http.map("bucket", bucket, "units", units, "interactive", true);
      if (userId != null) {
        body.put("userId", userId);
      }
      HttpResponse<String> answer = operator.exchange("/v1/quota/reservations", body);
      if (answer.statusCode() == 201) {
        JsonNode reserved = Http.JSON.readTree(answer.body());
        into.add(reserved.get("reservationId").stringValue());
        left = reserved.get("bucket").get("remaining").longValue();
        units = Math.min(units, left);
      } else if (answer.body().contains(EXHAUSTED)) {
        units /= 2;
      } else if (answer.statusCode() != 429 || ++busy == BUSY_TRIES) {
        throw new IllegalStateException("a reservation was answered by " + answer.body());
      }
    }
  }

  /**
   * Refuses in the database whatever is stored by reference: for a moment, after which the run must
   * store it all the same, and then to the run's end, which must be an error that the next run
   * heals.
   */
  private void syncWhileNothingIsStored(int channels, int channelsWithDays)
      throws InterruptedException, SQLException {
    progress.accept(SYNC + ", nothing can be stored for a moment");
    createRefusal();
    String patient = importSync("minutes: 10", 5);
    makeDue();
    refuseToStore(true);
    String passing = n8n.run(patient, "Run Now");
    expect(awaitRefusal(), "the sync stored nothing by reference, so that nothing was refused");
    refuseToStore(false);
    String status = ended(patient, passing);
    Map<String, List<Integer>> outputs = n8n.outputs(passing);
    expect(
        status.equals("success")
            && outputs.containsKey("Wait to Store")
            && !outputs.containsKey("Not Stored"),
        "a sync that could not store for a moment ended with %s: %s".formatted(status, outputs));
    expect(held() == 0, "a sync that stored at last left %d batches".formatted(held()));

    progress.accept(SYNC + ", nothing can be stored");
    String hasty = importSync("seconds: 20", 1);
    makeDue();
    refuseToStore(true);
    String failing = n8n.run(hasty, "Run Now");
    status = ended(hasty, failing);
    refuseToStore(false);
    String message = String.valueOf(n8n.errorMessage(failing));
    expect(
        status.equals("error")
            && message.startsWith(
                NOT_STORED.formatted(channelsWithDays, channels, channelsWithDays)),
        "a sync that stored nothing ended with %s: %s".formatted(status, message));
    expect(held() > 0, "a sync that could not store left no batches for the next");
    postgres.execute(
        "ytempire", "update core.fetch_leases set leased_until = leased_until - interval '1 day'");
    String next = n8n.run(hasty, "Run Now");
    status = ended(hasty, next);
    expect(
        status.equals("success") && held() == 0,
        "the run after one that stored nothing ended with %s and left %d batches"
            .formatted(status, held()));
    backfillWhileNothingIsStored(channelsWithDays);
    dropRefusal();
  }

  /** Looks back on new channels while nothing can be stored, which must end in error. */
  private void backfillWhileNothingIsStored(int channels)
      throws InterruptedException, SQLException {
    progress.accept(BACKFILL + ", nothing can be stored");
    ObjectNode workflow = read(library.resolve(BACKFILL));
    workflow.put("name", "Backfill of the test");
    for (JsonNode node : workflow.get("nodes")) {
      String name = node.get("name").stringValue();
      if (name.equals("Wait to Store")) {
        ((ObjectNode) node.get("parameters")).put("amount", 1);
      } else if (name.equals("Store Again?")) {
        ObjectNode condition = (ObjectNode) node.at("/parameters/conditions/conditions/0");
        String tries = condition.get("leftValue").stringValue();
        condition.put("leftValue", tries.replace("$runIndex < 20", "$runIndex < 2"));
      }
    }
    String id = n8n.importWorkflow(workflow, credential);
    refuseToStore(true);
    String execution = n8n.run(id, "Run Now");
    String status = ended(id, execution);
    refuseToStore(false);
    String message = String.valueOf(n8n.errorMessage(execution));
    int reports = channels * BACKFILLED_REPORTS;
    expect(
        status.equals("error")
            && message.startsWith(
                "%d reports of new channels were not stored whole; reports by reason: unavailable: %d"
                    .formatted(reports, reports)),
        "a backfill that stored nothing ended with %s: %s".formatted(status, message));
  }

  /** Runs the sync without units for what is due: it waits for quota, and that is no failure. */
  private void syncWithoutQuota(int channels) throws InterruptedException, SQLException {
    progress.accept(SYNC + ", the quota of Analytics is used up");
    String workflow = importSync("seconds: 20", 1);
    for (int tried = 1; ; tried++) {
      // Days that nothing has asked for as one period: such an answer would be cached.
      makeDue(10 + tried, 15);
      String day = status("analytics.day").get("windowStartedAt").stringValue();
      List<String> reservations = takeAll("analytics.day");
      String execution = n8n.run(workflow, "Run Now");
      String status = ended(workflow, execution);
      release(reservations);
      JsonNode summary = n8n.firstItem(execution, "Summary", 0);
      boolean hasWaited =
          status.equals("success")
              && summary.path("channelsMissing").asInt(-1) == 0
              && summary.path("channelsWaitingForQuota").asInt(-1) == channels;
      boolean isSameDay = status("analytics.day").get("windowStartedAt").stringValue().equals(day);
      if (hasWaited || isSameDay || tried == PAUSE_TRIES) {
        expect(
            hasWaited,
            "a sync without quota ended with %s and the summary %s".formatted(status, summary));
        return;
      }
    }
  }

  /**
   * Imports the sync with other limits.
   *
   * @param tryAgainFor how long what failed is tried again, as n8n's dates write it
   * @param waitSeconds before what was not stored is stored again
   */
  private String importSync(String tryAgainFor, int waitSeconds) {
    ObjectNode workflow = read(library.resolve(SYNC));
    workflow.put("name", "Sync of the test, " + tryAgainFor);
    ((ObjectNode) workflow.get("settings")).put("saveDataSuccessExecution", "all");
    for (JsonNode node : workflow.get("nodes")) {
      String name = node.get("name").stringValue();
      if (name.equals("Wait to Store")) {
        ((ObjectNode) node.get("parameters")).put("amount", waitSeconds);
      } else if (name.equals("Settings")) {
        for (JsonNode each : node.at("/parameters/assignments/assignments")) {
          if (each.get("name").stringValue().equals("tryAgainUntil")) {
            ((ObjectNode) each)
                .put("value", "={{ $now.toUTC().plus({ " + tryAgainFor + " }).toISO() }}");
          }
        }
      }
    }
    return n8n.importWorkflow(workflow, credential);
  }

  /** Makes the days of all channels due again. */
  private void makeDue() throws SQLException {
    postgres.execute("ytempire", "delete from core.day_checks where report = 'channel-day'");
  }

  /** Makes so many days of all channels due again, the newest of them this long before the last. */
  private void makeDue(int daysBefore, int days) throws SQLException {
    postgres.execute(
        "ytempire",
        """
        delete from core.day_checks
         using (select max(day) - %d as last from core.day_checks where report = 'channel-day') as until
         where report = 'channel-day' and day > until.last - %d and day <= until.last
        """
            .formatted(daysBefore, days));
  }

  /** Makes a switch in the database for {@link #refuseToStore}. */
  private void createRefusal() throws SQLException {
    postgres.execute(
        "ytempire",
        """
        create schema refusal;
        create sequence refusal.count;
        create table refusal.switch as select false as is_on;
        create function refusal.refuse() returns trigger language plpgsql security definer as $$
        begin
          if (select is_on from refusal.switch) then
            perform nextval('refusal.count');
            raise exception 'nothing can be stored, as a test wants it';
          end if;
          return null;
        end $$;
        create trigger refuse before update on core.held_batches execute function refusal.refuse();
        """);
  }

  private void dropRefusal() throws SQLException {
    postgres.execute(
        "ytempire", "drop trigger refuse on core.held_batches; drop schema refusal cascade");
  }

  /** Lets the database refuse from now on whatever is stored by reference, or no longer. */
  private void refuseToStore(boolean isOn) throws SQLException {
    postgres.execute("ytempire", "update refusal.switch set is_on = " + isOn);
  }

  /** Returns whether the database has refused to store before long. */
  private boolean awaitRefusal() throws InterruptedException {
    return within(() -> {
      try {
        return number("select is_called::int from refusal.count") == 1;
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  /** Batches that wait to be stored. */
  private long held() throws SQLException {
    return number("select count(*) from core.held_batches where stored_at is null");
  }

  private void byHand(int channels) throws InterruptedException, SQLException {
    // Somebody whom the follow-up must write to.
    String newcomer = newUser("newcomer@example.com", "Newcomer");
    operator.post(
        "/v1/users/" + newcomer + "/channels",
        Http.map("channelId", "UC" + "n".repeat(22), "channelName", "Not connected yet"));
    for (String name : BY_HAND) {
      progress.accept(name);
      String status = ended(id(name), n8n.run(id(name), "Run Now"));
      expect(status.equals("success"), name + " ended with " + status);
    }
    long lookedBack =
        number(
            "select count(*) from (select channel_id from core.channel_days group by channel_id having count(*) >= 90) c");
    expect(
        lookedBack == channels,
        "backfill-new-channels.json brought 90 days of %d of %d channels"
            .formatted(lookedBack, channels));
    long links = links(newcomer);
    expect(links == 1, "reconnect-follow-up.json made %d links, not 1".formatted(links));
  }

  private String newUser(String email, String name) {
    return operator
        .post("/v1/users", Http.map("email", email, "displayName", name))
        .get("userId")
        .stringValue();
  }

  /** Connect links that workflows made for a user. */
  private long links(String userId) throws SQLException {
    return number(
        "select count(*) from core.audit_log where action = 'channel.connect' and token_kind = 'service' and user_id = '"
            + userId
            + "'");
  }

  /**
   * The workflows of the tests: each node of ours in them must have run and given something out.
   */
  private void everyOperation() throws InterruptedException {
    for (Path file : files(fixtures)) {
      String name = file.getFileName().toString();
      progress.accept("test/workflows/" + name);
      ObjectNode workflow = read(file);
      String id =
          n8n.importWorkflow(
              workflow, name.equals(BY_OPERATOR) ? operatorCredential.get() : credential);
      String execution = n8n.run(id, "Run Now");
      String status = ended(id, execution);
      expect(status.equals("success"), "test/workflows/%s ended with %s".formatted(name, status));
      Map<String, List<Integer>> outputs = n8n.outputs(execution);
      for (JsonNode node : workflow.get("nodes")) {
        String nodeName = node.get("name").stringValue();
        String type = node.get("type").stringValue();
        if (!type.startsWith("n8n-nodes-ytempire.")) {
          continue;
        }
        List<Integer> items = outputs.getOrDefault(nodeName, List.of());
        boolean mayBeEmpty = node.path("notes").asString("").equals("may be empty");
        expect(
            mayBeEmpty ? outputs.containsKey(nodeName) : !items.isEmpty() && items.getFirst() > 0,
            "test/workflows/%s: the node %s gave out %s".formatted(name, nodeName, items));
        expect(
            !type.endsWith(".storeMetrics") || items.size() < 2 || items.get(1) == 0,
            "test/workflows/%s: the node %s refused rows".formatted(name, nodeName));
      }
    }
  }

  /** The sheet's node gives way to a webhook that brings its lines. */
  private void sheet(String user, String channelId) throws InterruptedException, SQLException {
    progress.accept("store-from-sheet.json");
    ObjectNode workflow = read(library.resolve("store-from-sheet.json"));
    ((ObjectNode) workflow.get("settings")).put("saveDataSuccessExecution", "all");
    for (JsonNode each : workflow.get("nodes")) {
      ObjectNode node = (ObjectNode) each;
      if (node.get("type").stringValue().endsWith(".googleSheets")) {
        node.put("type", "n8n-nodes-base.splitOut").put("typeVersion", 1);
        node.putObject("parameters").put("fieldToSplitOut", "body.lines").putObject("options");
      } else if (node.get("type").stringValue().endsWith(".scheduleTrigger")) {
        node.put("type", "n8n-nodes-base.webhook").put("typeVersion", 2);
        node.put("webhookId", "5c1d5a3e-5b0f-4d64-9a4e-5d7f5be3a001");
        node.putObject("parameters")
            .put("httpMethod", "POST")
            .put("path", "sheet-of-the-test")
            .put("responseMode", "lastNode");
      }
    }
    String id = n8n.importWorkflow(workflow, credential);
    n8n.publish(id);
    Map<String, Object> good =
        Http.map(
            "user",
            user,
            "channel",
            channelId,
            "day",
            "2019-05-01",
            "views",
            "12,345",
            "watch minutes",
            "99",
            "revenue",
            "$1,234.50");
    Map<String, Object> bad = new LinkedHashMap<>(good);
    bad.put("views", "many");
    Http visitor = new Http(n8n.url(), (String) null);
    boolean taken =
        within(() ->
            visitor
                    .exchange("/webhook/sheet-of-the-test", Http.map("lines", List.of(good, bad)))
                    .statusCode()
                == 200);
    expect(taken, "store-from-sheet.json did not take the lines");
    long stored =
        number(
            "select count(*) from core.channel_days where day = '2019-05-01' and views = 12345 and revenue_usd = 1234.5 and channel_id = '"
                + channelId
                + "'");
    expect(stored == 1, "store-from-sheet.json stored %d lines, not 1".formatted(stored));
  }

  /** Somebody fills in the form. */
  private void form() throws InterruptedException, SQLException {
    String name = "connect-channel-mail.json";
    progress.accept(name);
    String user = newUser("form@example.com", "By the form");
    String path = "";
    for (JsonNode node : read(library.resolve(name)).get("nodes")) {
      if (node.get("type").stringValue().endsWith(".formTrigger")) {
        path = "/form/" + node.get("webhookId").stringValue();
      }
    }
    n8n.publish(id(name));
    Http visitor = new Http(n8n.url(), (String) null);
    String address = path;
    boolean shown = within(() -> visitor.status(address) == 200);
    expect(shown, name + " shows no form");
    int status =
        visitor.submit(
            path,
            Map.of(
                "field-0", "form@example.com",
                "field-1", "UC" + "f".repeat(22),
                "field-2", "Of the form"));
    expect(status == 200, "the form of %s answered %d".formatted(name, status));
    boolean ended = within(() -> !n8n.ended(id(name)).isEmpty());
    expect(
        ended && n8n.ended(id(name)).getFirst().equals("success"),
        name + " ended with " + n8n.ended(id(name)));
    expect(links(user) == 1, name + " made no link for the channel");
  }

  /**
   * Runs a workflow whose mail gives way to a node that keeps its text: no mail leaves the demo.
   *
   * @param node that must have given something out
   */
  private void withoutMail(String name, String trigger, String node) throws InterruptedException {
    progress.accept(name);
    ObjectNode workflow = read(library.resolve(name));
    ((ObjectNode) workflow.get("settings")).put("saveDataSuccessExecution", "all");
    for (JsonNode each : workflow.get("nodes")) {
      if (each.get("type").stringValue().endsWith(".emailSend")) {
        ObjectNode mail = (ObjectNode) each;
        String text = mail.at("/parameters/text").stringValue();
        mail.put("type", "n8n-nodes-base.set").put("typeVersion", 3.4);
        mail.putObject("parameters")
            .putObject("assignments")
            .putArray("assignments")
            .addObject()
            .put("id", "text")
            .put("name", "text")
            .put("value", text)
            .put("type", "string");
      }
    }
    String id = n8n.importWorkflow(workflow, credential);
    String execution = n8n.run(id, trigger);
    String status = ended(id, execution);
    List<Integer> items = n8n.outputs(execution).getOrDefault(node, List.of());
    expect(
        status.equals("success") && !items.isEmpty() && items.getFirst() > 0,
        "%s ended with %s, and its node %s gave out %s".formatted(name, status, node, items));
    if (node.equals("Send the List") && !items.isEmpty()) {
      List<String> texts = n8n.texts(execution, node, "text");
      expect(
          texts.stream()
              .anyMatch(text ->
                  text.contains("number 1: ") && text.contains("https://www.youtube.com/watch?v=")),
          name + " wrote " + texts);
    }
  }

  /** Somebody names the user to backfill. */
  private void backfillOneUser(String user) throws InterruptedException {
    String name = "backfill-one-user.json";
    progress.accept(name);
    String path = "";
    for (JsonNode node : read(library.resolve(name)).get("nodes")) {
      if (node.get("type").stringValue().endsWith(".formTrigger")) {
        path = "/form/" + node.get("webhookId").stringValue();
      }
    }
    n8n.publish(id(name));
    Http visitor = new Http(n8n.url(), (String) null);
    String address = path;
    boolean shown = within(() -> visitor.status(address) == 200);
    expect(shown, name + " shows no form");
    int status = visitor.submit(path, Map.of("field-0", user));
    expect(status == 200, "the form of %s answered %d".formatted(name, status));
    boolean ended = within(() -> n8n.ended(id(name)).equals(List.of("success")));
    expect(ended, name + " ended with " + n8n.ended(id(name)));
    if (ended) {
      String execution = n8n.newest(id(name));
      List<String> reports = n8n.texts(execution, "Report", "report");
      expect(
          reports.stream().anyMatch(report -> report.contains("rows created")),
          name + " reported " + reports);
    }
  }

  /** The sample of the editor, without the two days' wait: a video that is stored. */
  private void newVideo(String user) throws InterruptedException {
    String name = "new-video-after-48-hours.json";
    progress.accept(name);
    ObjectNode workflow = read(library.resolve(name));
    ((ObjectNode) workflow.get("settings")).put("saveDataSuccessExecution", "all");
    for (JsonNode each : workflow.get("nodes")) {
      ObjectNode node = (ObjectNode) each;
      if (node.get("type").stringValue().endsWith(".wait")) {
        node.put("type", "n8n-nodes-base.noOp").put("typeVersion", 1).putObject("parameters");
      } else if (node.get("type").stringValue().endsWith(".ytempireTrigger")) {
        ((ObjectNode) node.get("parameters"))
            .put("users", "one")
            .putObject("userId")
            .put("__rl", true)
            .put("mode", "id")
            .put("value", user);
      }
    }
    String id = n8n.importWorkflow(workflow, credential);
    n8n.listen(id, "When a New Video Is Found");
    boolean ended = within(() -> n8n.ended(id).equals(List.of("success")));
    expect(ended, name + " ended with " + n8n.ended(id));
    if (ended) {
      String execution = n8n.newest(id);
      JsonNode line = n8n.firstItem(execution, "One Table", 0);
      expect(line.path("views").isNumber(), name + " wrote the line " + line);
      Map<String, List<Integer>> outputs = n8n.outputs(execution);
      expect(
          outputs.getOrDefault("CSV File", List.of()).equals(List.of(1))
              && outputs.getOrDefault("Statistics", List.of(0)).getFirst() == 1,
          name + " gave out " + outputs);
    }
  }

  /** An agent of elsewhere lists the tools, and syncs the user that the workflow names. */
  private void agent(String user) throws InterruptedException {
    String name = "sync-as-ai-tool.json";
    progress.accept(name);
    // A copy of its own for each user.
    ObjectNode workflow = read(library.resolve(name));
    setAgents(workflow, n8n.createBearerCredential("Agents of one user", MCP_TOKEN));
    for (JsonNode node : workflow.get("nodes")) {
      if (node.get("name").stringValue().equals("Settings")) {
        ((ObjectNode) node.at("/parameters/assignments/assignments/0")).put("value", user);
      }
    }
    n8n.publish(n8n.importWorkflow(workflow, credential));
    Agent stranger = new Agent(new Http(n8n.url(), "not the token"), "ytempire");
    Agent agent = new Agent(new Http(n8n.url(), MCP_TOKEN), "ytempire");
    expect(within(agent::connect), name + " lets nobody connect");
    expect(!stranger.connect(), name + " lets somebody without the token connect");
    List<String> tools = agent.tools();
    expect(
        tools.equals(
            List.of(
                "Check_Quota_for_a_Sync",
                "Get_Top_Videos",
                "List_Channels",
                "Look_at_the_Quota",
                "Sync_a_User")),
        name + " offers " + tools);
    String channels = agent.call("List_Channels", Map.of());
    expect(
        channels.contains("\"connection\"") && channels.contains(user),
        "List Channels answers " + channels);
    String quota = agent.call("Look_at_the_Quota", Map.of());
    expect(quota.contains("data.general"), "Look at the Quota answers " + quota);
    String estimate = agent.call("Check_Quota_for_a_Sync", Map.of());
    expect(
        estimate.contains("\"enough\"") && estimate.contains("\"waitUntil\""),
        "Check Quota for a Sync answers " + estimate);
    String top = agent.call("Get_Top_Videos", Map.of());
    expect(
        top.contains("\"missed\"") && top.contains("\"videoTitle\""),
        "Get Top Videos answers " + top);
    String synced = agent.call("Sync_a_User", Map.of());
    expect(synced.contains("\"rejected\""), "Sync a User answers " + synced);
  }

  /** The most characters of an answer to an agent, who pays for each. */
  private static final int SHORT_ANSWER = 4_000;

  /** An agent asks how the channels of one user did, by that user's own token. */
  private void askingAgent(String user) throws InterruptedException, SQLException {
    String name = "ask-about-channels.json";
    progress.accept(name);
    ObjectNode workflow = read(library.resolve(name));
    setAgents(workflow, n8n.createBearerCredential("Agents that read", MCP_TOKEN));
    for (JsonNode node : workflow.get("nodes")) {
      if (node.get("name").stringValue().equals("Settings")) {
        ((ObjectNode) node.at("/parameters/assignments/assignments/0")).put("value", user);
      }
    }
    String token =
        operator
            .post("/v1/tokens", Http.map("kind", "user", "name", "agents", "userId", user))
            .get("token")
            .stringValue();
    n8n.publish(n8n.importWorkflow(workflow, credentialOfToken.apply(token)));
    Agent agent = new Agent(new Http(n8n.url(), MCP_TOKEN), "channels");
    expect(within(agent::connect), name + " lets nobody connect");
    List<String> tools = agent.tools();
    expect(
        tools.equals(
            List.of(
                "Find_Videos",
                "Get_Top_Videos_of_Last_Week",
                "How_Channels_Did_Last_Week",
                "List_Channels")),
        name + " offers " + tools);
    String channels = agent.call("List_Channels", Map.of());
    expect(
        channels.contains("\"connection\"") && channels.contains(user),
        "List Channels answers " + channels);
    String week = agent.call("How_Channels_Did_Last_Week", Map.of());
    expect(
        week.contains("\"channelName\"")
            && week.contains("\"weekFrom\"")
            && week.contains("\"days\":7")
            && week.contains("\"minutesWatched\"")
            && week.length() < SHORT_ANSWER,
        "How Channels Did Last Week answers " + week);
    String top = agent.call("Get_Top_Videos_of_Last_Week", Map.of());
    expect(
        top.contains("\"videoTitle\"") && top.contains("\"rank\":3"),
        "Get Top Videos of Last Week answers " + top);
    String title =
        Demo.strings(
                postgres,
                "select title from core.videos where user_id = '%s' order by published_at desc limit 1"
                    .formatted(user))
            .getFirst();
    String found = agent.call("Find_Videos", Map.of("words", title.toUpperCase(Locale.ROOT)));
    expect(
        found.contains("https://www.youtube.com/watch?v=") && found.length() < SHORT_ANSWER,
        "Find Videos answers " + found);
    String none = agent.call("Find_Videos", Map.of("words", "no title has these words"));
    expect(!none.contains("watch?v="), "Find Videos finds " + none);
  }

  /** Things happen, also while n8n is away: each starts its workflow. */
  private void events(String user, List<World.Channel> channels)
      throws InterruptedException, SQLException {
    String failed = id("failed-channel-follow-up.json");
    String backfill = id(BACKFILL);
    progress.accept("failed-channel-follow-up.json");
    // As in the editor: it listens, and a sample comes at once.
    n8n.listen(failed, "When a Channel Fails");
    expect(
        within(() -> n8n.ended(failed).equals(List.of("success"))),
        "the sample in the editor started nothing: " + n8n.ended(failed));
    n8n.publish(failed);
    n8n.publish(backfill);
    int backfilled = n8n.ended(backfill).size();
    // n8n answers before its triggers are live, and ends the one of the editor afterwards.
    expect(
        within(() -> published() == 2),
        "two published triggers made " + operator.get("/v1/subscriptions"));
    lose(user, channels.getFirst().id());
    expect(
        within(() -> n8n.ended(failed).equals(List.of("success", "success"))),
        "a channel that failed started nothing: " + n8n.ended(failed));
    progress.accept("n8n stops, a channel fails, n8n starts again");
    n8n.stop();
    lose(user, channels.getLast().id());
    long waiting = number("select count(*) from core.webhook_deliveries where due_at is not null");
    expect(waiting == 1, "%d events wait for n8n, not 1".formatted(waiting));
    n8n.startAgain();
    expect(
        within(() -> n8n.ended(failed).equals(List.of("success", "success", "success"))),
        "what happened while n8n was away started nothing: " + n8n.ended(failed));
    long subscriptions = number("select count(*) from core.webhook_subscriptions");
    expect(
        subscriptions == 2,
        "%d subscriptions, not 2, after n8n's restart".formatted(subscriptions));
    progress.accept(BACKFILL);
    String path = "/v1/users/%s/channels/%s/connect".formatted(user, channels.getFirst().id());
    operator.consent(
        operator.post(path, Map.of()).get("connectUrl").stringValue(), channels.getFirst().id());
    expect(
        within(() -> n8n.ended(backfill).size() > backfilled)
            && n8n.ended(backfill).getFirst().equals("success"),
        "a channel that was connected started no backfill: " + n8n.ended(backfill));
  }

  /** Subscriptions of triggers that are live; that of the editor has another address. */
  private long published() {
    return operator
        .get("/v1/subscriptions")
        .get("subscriptions")
        .valueStream()
        .filter(each -> each.get("url").stringValue().contains("/webhook/"))
        .count();
  }

  /** Every node's panel in the editor, by a script that says what is missing there. */
  private void photograph() throws InterruptedException {
    Optional<Path> chromium =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .flatMap(folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    if (chromium.isEmpty()) {
      skipped = "; skipped: the panels in the editor, because no Chromium is installed";
      return;
    }
    progress.accept("the panels in the editor, photographed");
    Path log = pictures.resolve("photograph.log");
    try {
      Files.createDirectories(pictures);
      int status =
          new ProcessBuilder(
                  node.toString(),
                  library.resolve("../scripts/photograph.mjs").normalize().toString(),
                  n8n.url(),
                  N8n.EMAIL,
                  N8n.PASSWORD,
                  chromium.get().toString(),
                  pictures.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
      expect(status == 0, "the panels in the editor: " + Files.readString(log).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The channel's owner takes back the grant, and the next call finds out. */
  private void lose(String user, String channel) {
    simulator.faults().killGrant(channel);
    operator.post(
        "/v1/metrics/fetch",
        Http.map(
            "maxAgeMinutes",
            0,
            "requests",
            List.of(
                Http.map("userId", user, "channelId", channel, "report", "channel-statistics"))));
  }

  /** A client of the Model Context Protocol, 2025-06-18, over streamable HTTP. */
  private static final class Agent {
    private static final String VERSION = "2025-06-18";

    private final String path;
    private Http http;
    private int calls;

    /**
     * Makes a client.
     *
     * @param path of the MCP server
     */
    Agent(Http http, String path) {
      this.path = "/mcp/" + path;
      this.http = http.with("Accept", "application/json, text/event-stream");
    }

    /** Whether it was let in. */
    boolean connect() {
      HttpResponse<String> answer =
          send(
              "initialize",
              Http.map(
                  "protocolVersion",
                  VERSION,
                  "capabilities",
                  Map.of(),
                  "clientInfo",
                  Http.map("name", "agent of the tests", "version", "1")));
      if (answer.statusCode() != 200) {
        return false;
      }
      http = http.with("MCP-Protocol-Version", VERSION);
      answer
          .headers()
          .firstValue("mcp-session-id")
          .ifPresent(session -> http = http.with("Mcp-Session-Id", session));
      HttpResponse<String> unused =
          http.exchange(path, Http.map("jsonrpc", "2.0", "method", "notifications/initialized"));
      return true;
    }

    List<String> tools() {
      List<String> names = new ArrayList<>();
      for (JsonNode tool : result(send("tools/list", Map.of())).get("tools")) {
        names.add(tool.get("name").stringValue());
      }
      return names.stream().sorted().toList();
    }

    String call(String tool, Map<String, Object> arguments) {
      return result(send("tools/call", Http.map("name", tool, "arguments", arguments)))
          .get("content")
          .get(0)
          .get("text")
          .stringValue();
    }

    private HttpResponse<String> send(String method, Map<String, Object> parameters) {
      return http.exchange(
          path, Http.map("jsonrpc", "2.0", "id", ++calls, "method", method, "params", parameters));
    }

    /** As JSON, or as the event of a stream. */
    private static JsonNode result(HttpResponse<String> answer) {
      String body = answer.body();
      int data = body.indexOf("data:");
      JsonNode message =
          Http.JSON.readTree(
              data < 0 ? body : body.substring(data + 5).lines().findFirst().orElse(""));
      JsonNode result = message.get("result");
      if (result == null) {
        throw new IllegalStateException("the MCP server answered " + body);
      }
      return result;
    }
  }
}
