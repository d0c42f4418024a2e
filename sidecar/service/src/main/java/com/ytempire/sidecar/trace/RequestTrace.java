package com.ytempire.sidecar.trace;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The identifiers of a request: its own, and those of the n8n workflow and execution that sent it.
 * Bound to the thread that serves the request and to those that it starts; lines of the log carry
 * them, and PostgreSQL's {@code application_name}. Immutable.
 *
 * @param requestId 16 hexadecimal digits, drawn for this request
 * @param workflowId as n8n named it; null where the caller named none that is well-formed
 * @param executionId likewise
 */
public record RequestTrace(
    String requestId, @Nullable String workflowId, @Nullable String executionId) {
  private static final ScopedValue<RequestTrace> CURRENT = ScopedValue.newInstance();

  /** A caller can write what it likes into a header; a line of a log is no place for that. */
  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9_-]{1,20}");

  /** PostgreSQL cuts a longer name off. */
  private static final int MAX_APPLICATION_NAME = 63;

  /** A new request, of a caller that names these in its headers. */
  public static RequestTrace of(@Nullable String workflowId, @Nullable String executionId) {
    return new RequestTrace(
        "%016x".formatted(ThreadLocalRandom.current().nextLong()),
        wellFormed(workflowId),
        wellFormed(executionId));
  }

  private static @Nullable String wellFormed(@Nullable String value) {
    return value != null && WELL_FORMED.matcher(value).matches() ? value : null;
  }

  /** The request that the current thread works for; empty in a job of the sidecar's own. */
  public static Optional<RequestTrace> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Runs work with this request bound to the current thread. */
  public void run(Runnable work) {
    ScopedValue.where(CURRENT, this).run(work);
  }

  /** As {@link #run}, with a result. */
  public <T> T supply(Supplier<T> work) {
    return ScopedValue.where(CURRENT, this).call(work::get);
  }

  /** PostgreSQL's {@code application_name} for statements of this request, at most 63 bytes. */
  public String applicationName() {
    String name =
        "ytempire r="
            + requestId
            + (executionId == null ? "" : " e=" + executionId)
            + (workflowId == null ? "" : " w=" + workflowId);
    return name.substring(0, Math.min(name.length(), MAX_APPLICATION_NAME));
  }
}
