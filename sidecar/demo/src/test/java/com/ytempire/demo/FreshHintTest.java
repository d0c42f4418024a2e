package com.ytempire.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

final class FreshHintTest {
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
                          FreshHint.addedTo(() -> {
                            throw failure;
                          }))
                  .getMessage());
      assertTrue(message.contains("the reason"), message);
      assertTrue(
          message.endsWith("\n./ytempire demo --fresh begins with an empty store."), message);
    }
  }

  @Test
  void a_result_and_an_interrupt_pass() throws InterruptedException {
    assertEquals(1, FreshHint.addedTo(() -> 1));
    assertThrows(
        InterruptedException.class,
        () ->
            FreshHint.addedTo(() -> {
              throw new InterruptedException();
            }));
  }
}
