package com.ytempire.sidecar.youtube;

import com.google.api.client.http.HttpResponseException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Finds the ids that Google refuses a whole batch for, by halving, and does without them. A refusal
 * that is not the ids' fault would be repeated for each of them, so it gives up early. For one
 * thread.
 */
final class IdBisection {
  /** Enough for two bad ids in fifty; each takes two calls a halving. */
  private static final int MAX_REFUSALS = 16;

  private int refusals;

  <T> List<T> ask(List<String> ids, Function<List<String>, List<T>> call) {
    try {
      return call.apply(ids);
    } catch (YouTubeException e) {
      boolean badRequest =
          e.failure() instanceof Failure.Refused
              && e.getCause() instanceof HttpResponseException answer
              && answer.getStatusCode() == 400;
      if (!badRequest || ++refusals > MAX_REFUSALS) {
        throw e;
      }
      if (ids.size() == 1) {
        return List.of();
      }
      List<T> all = new ArrayList<>(ask(ids.subList(0, ids.size() / 2), call));
      all.addAll(ask(ids.subList(ids.size() / 2, ids.size()), call));
      return all;
    }
  }
}
