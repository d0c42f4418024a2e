package com.ytempire.sidecar.web;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The priority of a thread of the operating system. {@link Thread#setPriority} has no effect on
 * Linux unless the process is privileged, although everybody may lower a priority there: a thread
 * has a nice value of its own, which {@code setpriority(2)} sets for the current one.
 */
final class ThreadPriority {
  /** Gets about a tenth of what a thread at the default of 0 gets where both compute. */
  static final int LOW = 10;

  private static final int PRIO_PROCESS = 0;
  private static final int CURRENT_THREAD = 0;

  private static final Optional<MethodHandle> SETPRIORITY = find();

  private ThreadPriority() {}

  private static Optional<MethodHandle> find() {
    if (!"Linux".equals(System.getProperty("os.name"))) {
      return Optional.empty();
    }
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("setpriority")
        .map(function ->
            linker.downcallHandle(
                function,
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT)));
  }

  /**
   * Lowers the priority of the current thread for the rest of its life, where the system can: it
   * cannot be raised again, so the thread must be one that ends.
   *
   * @throws IllegalStateException if the current thread is a virtual one, whose carrier serves
   *     others
   */
  static void lower() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("the priority of a carrier thread is everybody's");
    }
    SETPRIORITY.ifPresent(function -> {
      try {
        // Refused by a sandbox it stays as it was.
        int unused = (int) function.invokeExact(PRIO_PROCESS, CURRENT_THREAD, LOW);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    });
  }
}
