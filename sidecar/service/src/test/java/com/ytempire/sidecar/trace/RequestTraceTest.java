package com.ytempire.sidecar.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RequestTraceTest {
  @Test
  void each_request_has_an_identifier_of_its_own() {
    assertNotEquals(
        RequestTrace.of(null, null).requestId(), RequestTrace.of(null, null).requestId());
  }

  @Test
  void a_header_that_is_no_identifier_is_left_out() {
    RequestTrace trace = RequestTrace.of("wf\",\"level\":\"ERROR", "1 e=2");
    assertNull(trace.workflowId());
    assertNull(trace.executionId());
  }

  @Test
  void the_name_for_postgresql_fits_and_keeps_the_execution() {
    RequestTrace trace = RequestTrace.of("w".repeat(20), "9".repeat(20));
    assertTrue(trace.applicationName().length() <= 63, trace.applicationName());
    assertTrue(trace.applicationName().contains(" e=" + "9".repeat(20) + " "));
  }

  @Test
  void it_is_bound_while_the_request_is_served_and_no_longer() {
    RequestTrace trace = RequestTrace.of("w1", "7");
    assertEquals(Optional.of(trace), trace.supply(RequestTrace::current));
    assertFalse(RequestTrace.current().isPresent());
  }
}
