package com.ytempire.bench;

import com.ytempire.sidecar.web.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process that does what one hostile customer may do with its API token and its database logins,
 * until its input ends. It reads {@link Settings} from its input, one line of JSON, and prints
 * {@link #BEGAN}, and at its end what it did.
 */
final class HostileCustomer {
  /** Printed when the attack is under way. */
  static final String BEGAN = "began";

  private static final int OK = 200;

  /** A refusal is cheap to make; a loop of them would only measure this client. */
  private static final Duration AFTER_REFUSAL = Duration.ofMillis(50);

  /**
   * The same of a refused login, before which the client, on the same processor, has computed
   * thousands of hashes of its password.
   */
  private static final Duration AFTER_REFUSED_LOGIN = Duration.ofMillis(250);

  /** An attack of the hostile customer, for a phase. */
  enum Attack {
    CONNECTIONS("opens connections until none is left"),
    LOCKS("leaves transactions open, with a reader's locks and its own role's"),
    DISK("sorts into temporary files"),
    CPU("computes in SQL"),
    EXPORTS("asks for 24 exports at once"),
    REQUESTS("sends 200 requests at once, for pages of 150 rows"),
    PAGES("asks for 200 pages of 5,000 rows at once"),
    ALL("does all of it at once");

    private final String words;

    Attack(String words) {
      this.words = words;
    }

    /** What it does, in words. */
    String words() {
      return words;
    }
  }

  /** A login of PostgreSQL. */
  record Login(String name, String password) {}

  /**
   * The target of an attack.
   *
   * @param url of the API
   * @param databaseUrl for JDBC
   */
  record Settings(
      Attack attack,
      String url,
      String userId,
      String token,
      String databaseUrl,
      List<Login> logins) {}

  private final Settings settings;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Connection> connections = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong served = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final CountDownLatch began = new CountDownLatch(1);
  private volatile boolean ending;

  private HostileCustomer(Settings settings) {
    this.settings = settings;
  }

  /** Attacks until the input ends. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    HostileCustomer customer =
        new HostileCustomer(Json.MAPPER.readValue(input.readLine(), Settings.class));
    customer.start();
    System.out.println(BEGAN);
    while (input.readLine() != null) {
      // Nothing more is said.
    }
    customer.end();
    System.out.println(
        "%d connections held, %d served, %d refused or ended"
            .formatted(customer.open.get(), customer.served.get(), customer.refused.get()));
    System.exit(0);
  }

  private void start() throws InterruptedException {
    if (is(Attack.LOCKS)) {
      transactions(2);
    }
    if (is(Attack.DISK)) {
      sql(
          2,
          "select count(*) from (select g, md5(g::text) m from generate_series(1, 20000000) g order by m) s");
    }
    if (is(Attack.CPU)) {
      sql(
          2,
          "select sum(sqrt(a.g) * b.g) from generate_series(1, 100000) a(g), generate_series(1, 100000) b(g)");
    }
    if (is(Attack.EXPORTS)) {
      http(24, "/v1/users/%s/export");
    }
    if (is(Attack.REQUESTS)) {
      http(200, "/v1/users/%s/metrics/channel-day?limit=5000");
    }
    if (is(Attack.PAGES)) {
      http(200, "/v1/users/%s/metrics/video-day?limit=5000");
    }
    if (is(Attack.CONNECTIONS)) {
      connections();
    }
    began.await(10, TimeUnit.SECONDS);
  }

  private boolean is(Attack other) {
    return settings.attack() == other || settings.attack() == Attack.ALL;
  }

  private Connection login(Login login) throws SQLException {
    return DriverManager.getConnection(settings.databaseUrl(), login.name(), login.password());
  }

  private void loop(Duration pause, Act act) {
    threads.add(
        Thread.ofVirtual()
            .start(() -> {
              while (!ending) {
                boolean done;
                try {
                  done = act.run();
                } catch (SQLException | IOException | InterruptedException e) {
                  done = false;
                } catch (RuntimeException | Error e) {
                  // An attack that stops by itself must not be taken for one that was survived.
                  e.printStackTrace();
                  Runtime.getRuntime().halt(1);
                  return;
                }
                (done ? served : refused).incrementAndGet();
                began.countDown();
                if (!done) {
                  try {
                    Thread.sleep(pause);
                  } catch (InterruptedException e) {
                    return;
                  }
                }
              }
            }));
  }

  private void sql(int times, String sql) {
    began.countDown();
    for (int i = 0; i < times; i++) {
      loop(
          AFTER_REFUSED_LOGIN,
          () -> {
            try (Connection connection = login(settings.logins().getFirst());
                var statement = connection.createStatement()) {
              synchronized (connections) {
                connections.add(connection);
              }
              return statement.execute(sql);
            }
          });
    }
  }

  /** By the second login, so that the statements of the first have connections left. */
  private void connections() {
    loop(
        AFTER_REFUSED_LOGIN,
        () -> {
          Connection connection = login(settings.logins().getLast());
          synchronized (connections) {
            connections.add(connection);
          }
          open.incrementAndGet();
          return true;
        });
  }

  /** Transactions that do nothing more, each until the server ends it. */
  private void transactions(int times) {
    began.countDown();
    for (int i = 0; i < times; i++) {
      loop(
          AFTER_REFUSED_LOGIN,
          () -> {
            try (Connection connection = login(settings.logins().getFirst());
                var statement = connection.createStatement()) {
              statement.execute("set default_transaction_read_only = off");
              statement.execute(
                  "begin; select * from analytics.youtube_metrics limit 1; alter role current_user set work_mem = '1MB'");
              open.incrementAndGet();
              while (!ending && connection.isValid(1)) {
                TimeUnit.MILLISECONDS.sleep(100);
              }
              return true;
            }
          });
    }
  }

  private void http(int times, String path) {
    began.countDown();
    URI address = URI.create(settings.url() + path.formatted(settings.userId()));
    for (int i = 0; i < times; i++) {
      loop(
          AFTER_REFUSAL,
          () ->
              http.send(
                          HttpRequest.newBuilder(address)
                              .header("Authorization", "Bearer " + settings.token())
                              .timeout(Duration.ofSeconds(60))
                              .build(),
                          BodyHandlers.discarding())
                      .statusCode()
                  == OK);
    }
  }

  private void end() {
    ending = true;
    synchronized (connections) {
      for (Connection connection : connections) {
        try {
          connection.abort(Runnable::run);
        } catch (SQLException e) {
          // It was ended already.
        }
      }
    }
    threads.forEach(Thread::interrupt);
  }

  @FunctionalInterface
  private interface Act {
    boolean run() throws SQLException, IOException, InterruptedException;
  }
}
