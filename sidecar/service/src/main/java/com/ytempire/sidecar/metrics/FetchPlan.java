package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.metrics.Admission.Decision;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Caller;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The first step of a fetch: reads what is known of the users and decides which of their requests
 * are fetched. Safe to share between threads.
 */
final class FetchPlan {
  private final KnownUsers knownUsers;
  private final Planner planner;
  private final Cache cache;
  private final Clock clock;

  FetchPlan(KnownUsers knownUsers, Planner planner, Cache cache, Clock clock) {
    this.knownUsers = knownUsers;
    this.planner = planner;
    this.cache = cache;
    this.clock = clock;
  }

  /** Admits the requests of all users; if nothing can be read of them, all are missed. */
  List<UserFetch> admit(Caller caller, FetchRequest request, FetchContext.Terms terms) {
    Map<UUID, Map<Integer, FetchRequest.Item>> byUser = request.byUser();
    Map<UUID, KnownUser> known = Map.of();
    @Nullable RuntimeException failure = null;
    try {
      known =
          knownUsers.read(
              caller,
              byUser.keySet(),
              new KnownUsers.Scope(
                  request.requests().stream()
                      .map(FetchRequest.Item::report)
                      .collect(Collectors.toSet()),
                  request.isByPlan()),
              terms.deadline());
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      failure = e;
    }
    Admission admission = new Admission(planner, request);
    List<UserFetch> users = new ArrayList<>();
    for (Map.Entry<UUID, Map<Integer, FetchRequest.Item>> each : byUser.entrySet()) {
      @Nullable KnownUser user = known.get(each.getKey());
      List<Decision> decisions = new ArrayList<>();
      for (Map.Entry<Integer, FetchRequest.Item> item : each.getValue().entrySet()) {
        decisions.add(
            failure == null
                ? admission.admit(item.getKey(), item.getValue(), user, clock.instant())
                : new Decision.Answer(Outcome.Missed.of(item.getKey(), failure, clock.instant())));
      }
      FetchContext context =
          new FetchContext(
              terms,
              each.getKey(),
              (user == null ? Tier.STARTER : user.tier()).weight(),
              new AnswerCache(cache, each.getKey(), clock));
      users.add(UserFetch.of(context, List.of(), decisions));
    }
    return users;
  }
}
