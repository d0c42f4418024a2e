package com.ytempire.platform;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** PostgreSQL or Redis as a supervised part. Neither is a child, so nobody knows how it ended. */
final class Engine implements Part {
  private final Supplier<ProcessHandle> finder;
  private final Runnable starter;
  private volatile ProcessHandle process;

  private Engine(Supplier<ProcessHandle> finder, Runnable starter) {
    this.finder = finder;
    this.starter = starter;
    this.process = finder.get();
  }

  static Engine of(LocalPostgres postgres) {
    return new Engine(postgres::process, postgres::restart);
  }

  static Engine of(LocalRedis redis) {
    return new Engine(redis::process, redis::restart);
  }

  @Override
  public ProcessHandle process() {
    return process;
  }

  @Override
  public OptionalInt exitStatus() {
    return OptionalInt.empty();
  }

  @Override
  public boolean isStopped() {
    return false;
  }

  @Override
  public void restart() {
    starter.run();
    process = finder.get();
  }

  @Override
  public String tail() {
    return "";
  }
}
