package com.ytempire.sidecar.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.ytempire.sidecar.trace.RequestTrace;
import net.logstash.logback.composite.AbstractJsonProvider;
import tools.jackson.core.JsonGenerator;

/**
 * Adds {@code requestId}, {@code workflowId} and {@code executionId} to a line of the log that a
 * request writes. Lines are encoded by the thread that writes them, which is how the request is
 * known.
 */
final class TraceFields extends AbstractJsonProvider<ILoggingEvent> {
  @Override
  public void writeTo(JsonGenerator line, ILoggingEvent event) {
    RequestTrace.current()
        .ifPresent(trace -> {
          line.writeStringProperty("requestId", trace.requestId());
          if (trace.workflowId() != null) {
            line.writeStringProperty("workflowId", trace.workflowId());
          }
          if (trace.executionId() != null) {
            line.writeStringProperty("executionId", trace.executionId());
          }
        });
  }
}
