package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the machine does not give is told apart from what is wrong with the stored data. */
final class ResourceUnavailableTest {
  @TempDir private Path state;

  /** Another process that holds the lock until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      try (var _ = PlatformFolder.lock(Path.of(arguments[0]), Path.of("demo"))) {
        System.out.write('l');
        System.out.flush();
        System.in.transferTo(System.out);
      }
    }
  }

  @Test
  void the_folder_of_another_platform_is_a_resource_that_is_taken() throws Exception {
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                state.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertEquals('l', holder.getInputStream().read());
      assertMessage(
          "another demo runs in this folder",
          assertThrows(
              ResourceUnavailable.class, () -> PlatformFolder.lock(state, Path.of("demo"))));
    } finally {
      holder.getOutputStream().close();
      holder.waitFor();
    }
    PlatformFolder.lock(state, Path.of("demo")).close();
  }

  @Test
  void a_port_of_another_program_is_a_resource_that_is_taken() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertMessage(
          "port %d is taken".formatted(other.getLocalPort()),
          assertThrows(ResourceUnavailable.class, () -> Ports.choose(other.getLocalPort())));
    }
  }

  private static void assertMessage(String part, ResourceUnavailable taken) {
    String message = String.valueOf(taken.getMessage());
    assertTrue(message.contains(part), message);
  }
}
