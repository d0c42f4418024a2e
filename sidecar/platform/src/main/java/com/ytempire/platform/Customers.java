package com.ytempire.platform;

import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.World;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Creates the users and channels of a simulated world over the sidecar's API, and sends each
 * channel's owner through the OAuth consent.
 */
public final class Customers {
  private static final List<String> TIERS = List.of("starter", "growth", "scale");
  private static final int CONNECT_AT_ONCE = 8;

  private Customers() {}

  /** A user of the product and the account at Google whose channels the user has. */
  public record Customer(String userId, Catalog.Account account) {}

  /**
   * Creates all users of a world with their channels, not connected yet.
   *
   * @param operator a client with an operator's token
   * @param progress takes how many users there are, after each
   */
  public static List<Customer> createAll(Http operator, World world, Consumer<String> progress) {
    List<Customer> customers = new ArrayList<>();
    for (Catalog.Account account : world.accounts()) {
      customers.add(create(operator, account, customers.size()));
      progress.accept(customers.size() + " of " + world.accounts().size());
    }
    return List.copyOf(customers);
  }

  /**
   * The monthly target of a user: of every four one is ambitious, one will be on track, one has
   * reached it by the middle of the month, and one has the standard of $10,000.
   */
  private static double target(Catalog.Account account, int index) {
    double share = List.of(1.3, 0.9, 0.4, 0.0).get(index % 4);
    double month = account.channels().stream().mapToDouble(World::monthlyRevenue).sum();
    return share == 0 || month < 10 ? 10_000 : Math.round(month * share / 10) * 10;
  }

  private static Customer create(Http operator, Catalog.Account account, int index) {
    JsonNode user =
        operator.post(
            "/v1/users",
            Http.map(
                "email",
                account.email(),
                "displayName",
                "User " + (index + 1),
                "subscriptionTier",
                TIERS.get(index % TIERS.size()),
                "targetRevenueUsd",
                String.format(Locale.ROOT, "%.2f", target(account, index))));
    Customer customer = new Customer(user.get("userId").stringValue(), account);
    for (Catalog.Channel channel : account.channels()) {
      operator.post(
          "/v1/users/" + customer.userId() + "/channels",
          Http.map(
              "channelId", channel.id(), "channelName", channel.title(), "niche", channel.niche()));
    }
    return customer;
  }

  /** Creates a user and connects the user's channels; returns the user's id. */
  public static String onboard(Http operator, Catalog.Account account) {
    Customer customer = create(operator, account, 0);
    account.channels().forEach(channel -> connect(operator, customer.userId(), channel.id()));
    return customer.userId();
  }

  /**
   * Creates all users of a world and connects their channels, several at once, all of the first
   * tier; returns each account's user id.
   */
  public static Map<Catalog.Account, String> onboardAll(Http operator, World world)
      throws InterruptedException, ExecutionException {
    Map<Catalog.Account, Future<String>> tasks = new LinkedHashMap<>();
    try (ExecutorService owners = Executors.newFixedThreadPool(CONNECT_AT_ONCE)) {
      for (Catalog.Account account : world.accounts()) {
        tasks.put(account, owners.submit(() -> onboard(operator, account)));
      }
    }
    Map<Catalog.Account, String> users = new LinkedHashMap<>();
    for (Map.Entry<Catalog.Account, Future<String>> task : tasks.entrySet()) {
      users.put(task.getKey(), task.getValue().get());
    }
    return users;
  }

  /** Connects a channel of a user as its owner would, by the consent page. */
  public static void connect(Http operator, String userId, String channelId) {
    String path = "/v1/users/%s/channels/%s/connect".formatted(userId, channelId);
    operator.consent(operator.post(path, Map.of()).get("connectUrl").stringValue(), channelId);
  }

  /**
   * Connects all channels, several at once.
   *
   * @param progress takes how many channels are connected, after each
   */
  public static void connectAll(Http operator, List<Customer> customers, Consumer<String> progress)
      throws InterruptedException, ExecutionException {
    int all = customers.stream().mapToInt(each -> each.account().channels().size()).sum();
    AtomicInteger connected = new AtomicInteger();
    try (ExecutorService owners = Executors.newFixedThreadPool(CONNECT_AT_ONCE)) {
      List<Future<?>> tasks = new ArrayList<>();
      for (Customer customer : customers) {
        for (Catalog.Channel channel : customer.account().channels()) {
          tasks.add(
              owners.submit(() -> {
                connect(operator, customer.userId(), channel.id());
                progress.accept(connected.incrementAndGet() + " of " + all);
              }));
        }
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    }
  }
}
