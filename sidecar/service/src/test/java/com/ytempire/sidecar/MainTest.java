package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the program does before the sidecar starts. */
final class MainTest {
  private static ListAppender<ILoggingEvent> listen() {
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    Logger logger = (Logger) LoggerFactory.getLogger(Main.class);
    logger.setLevel(Level.INFO);
    logger.addAppender(appender);
    return appender;
  }

  @Test
  void a_moved_clock_is_moved_by_the_offset_and_warned_of() {
    ListAppender<ILoggingEvent> log = listen();
    Duration offset = Duration.ofDays(365);
    Clock system = Clock.systemUTC();
    Clock moved = Main.clock(offset);
    Duration difference = Duration.between(system.instant().plus(offset), moved.instant());
    assertTrue(difference.abs().compareTo(Duration.ofDays(1)) < 0, difference.toString());
    assertEquals(1, log.list.size());
    assertEquals(Level.WARN, log.list.getFirst().getLevel());
    assertTrue(log.list.getFirst().getFormattedMessage().contains("YTEMPIRE_CLOCK_OFFSET=PT8760H"));
  }

  @Test
  void the_machines_clock_is_not_warned_of() {
    ListAppender<ILoggingEvent> log = listen();
    var _ = Main.clock(Duration.ZERO);
    assertEquals(0, log.list.size());
  }
}
