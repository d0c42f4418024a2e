package com.ytempire.platform;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * A child process that answers HTTP and can be started again, on the same port. Safe to share
 * between threads.
 */
public final class HttpService implements Part, AutoCloseable {
  private final Supplier<Child> starter;
  private final String readyUrl;
  private final Duration timeout;
  private volatile Child child;
  private volatile boolean isStopped;

  private HttpService(Supplier<Child> starter, String readyUrl, Duration timeout) {
    this.starter = starter;
    this.readyUrl = readyUrl;
    this.timeout = timeout;
    this.child = starter.get();
  }

  /**
   * Starts the process; returns when it is ready.
   *
   * @param readyUrl answers 200 when the process is ready
   * @throws IllegalStateException with the end of its log when it ends first, or after the timeout
   */
  public static HttpService start(Supplier<Child> starter, String readyUrl, Duration timeout)
      throws InterruptedException {
    HttpService service = new HttpService(starter, readyUrl, timeout);
    service.awaitReady();
    return service;
  }

  private void awaitReady() throws InterruptedException {
    try {
      child.awaitHttp(readyUrl, timeout);
    } catch (InterruptedException | RuntimeException e) {
      child.close();
      throw e;
    }
  }

  @Override
  public void restart() throws InterruptedException {
    child.close();
    child = starter.get();
    isStopped = false;
    awaitReady();
  }

  @Override
  public ProcessHandle process() {
    return child.handle();
  }

  @Override
  public OptionalInt exitStatus() {
    return child.exitStatus();
  }

  @Override
  public boolean isStopped() {
    return isStopped;
  }

  @Override
  public String tail() {
    return child.tail();
  }

  /** Ends the process until {@link #restart}. */
  @Override
  public void close() {
    isStopped = true;
    child.close();
  }
}
