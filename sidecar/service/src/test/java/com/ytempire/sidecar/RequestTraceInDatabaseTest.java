package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.trace.RequestTrace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

/** PostgreSQL knows of each statement which request it is of. */
final class RequestTraceInDatabaseTest {
  private static String applicationName(Database database) {
    return database.directory(handle ->
        handle.createQuery("select current_setting('application_name')").mapTo(String.class).one());
  }

  @Test
  void the_statements_of_a_request_carry_its_execution() {
    try (Database database = Engines.openDatabase(2, new SimpleMeterRegistry())) {
      RequestTrace trace = RequestTrace.of("w1", "77");
      assertEquals(trace.applicationName(), trace.supply(() -> applicationName(database)));
      assertEquals("ytempire-sidecar", applicationName(database));
    }
  }
}
