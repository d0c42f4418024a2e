package com.ytempire.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.ResourceUnavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

final class RestartFailureTest {
  @Test
  void whatever_fails_ends_in_what_to_do() {
    for (Exception failure :
        List.of(
            new IllegalStateException("the reason"),
            new UncheckedIOException("the reason", new IOException()),
            new SQLException("the reason"),
            new IOException("the reason"),
            new NoSuchElementException("the reason"))) {
      String message =
          String.valueOf(
              assertThrows(
                      IllegalStateException.class,
                      () ->
                          RestartFailure.explain(() -> {
                            throw failure;
                          }))
                  .getMessage());
      assertTrue(message.contains("the reason"), message);
      assertTrue(
          message.endsWith("\n./ytempire demo --fresh begins with an empty store."), message);
    }
  }

  @Test
  void what_an_empty_store_does_not_help_comes_without_the_hint() {
    ResourceUnavailable taken = new ResourceUnavailable("port 5678 is taken.");
    assertSame(
        taken,
        assertThrows(
            ResourceUnavailable.class,
            () ->
                RestartFailure.explain(() -> {
                  throw taken;
                })));
  }

  @Test
  void a_result_and_an_interrupt_pass() throws InterruptedException {
    assertEquals(1, RestartFailure.explain(() -> 1));
    assertThrows(
        InterruptedException.class,
        () ->
            RestartFailure.explain(() -> {
              throw new InterruptedException();
            }));
  }
}
