package com.ytempire.sidecar.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.FileSize;
import java.util.List;
import java.util.Objects;
import net.logstash.logback.encoder.LogstashEncoder;

/**
 * Configures Logback, which finds this as a service: lines for people on the console, and a file
 * with one JSON object a line, a new one each day and after 50 MB, kept for 14 days and 2 GB in
 * all; a line that a request writes has its identifiers ({@link TraceFields}). A {@code
 * logback.xml}, on the class path or named by {@code -Dlogback.configurationFile}, is used instead;
 * to read one takes a fifth of the sidecar's start.
 *
 * <p>An operator's command has no file: {@link #omitFile} is called before its first line.
 *
 * <p>There is no shutdown hook: it would close the file before the last lines are written.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
  private static final String FOLDER = "YTEMPIRE_LOG_FOLDER";
  private static final long MAX_FILE_BYTES = 50 * FileSize.MB_COEFFICIENT;
  private static final long MAX_BYTES = 2 * FileSize.GB_COEFFICIENT;
  private static final int MAX_DAYS = 14;

  /** Their own affairs are of interest only when something is wrong. */
  private static final List<String> QUIET =
      List.of("org.eclipse.jetty", "io.javalin", "org.flywaydb", "com.zaxxer.hikari", "io.lettuce");

  private static volatile boolean hasFile = true;

  /** Made by Logback. */
  public LogConfigurator() {}

  /** Has all lines on the console alone, where none was written yet. */
  public static void omitFile() {
    hasFile = false;
  }

  @Override
  public ExecutionStatus configure(LoggerContext loggers) {
    if (System.getProperty("logback.configurationFile") != null
        || Objects.requireNonNull(LogConfigurator.class.getClassLoader()).getResource("logback.xml")
            != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    apply(loggers);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  static void apply(LoggerContext loggers) {
    QUIET.forEach(name -> loggers.getLogger(name).setLevel(Level.WARN));
    Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(console(loggers));
    if (hasFile) {
      root.addAppender(file(loggers));
    }
  }

  private static Appender<ILoggingEvent> console(LoggerContext loggers) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(loggers);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %-22.22logger{0} %msg%n%ex{short}");
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(loggers);
    console.setName("console");
    console.setEncoder(encoder);
    console.start();
    return console;
  }

  private static Appender<ILoggingEvent> file(LoggerContext loggers) {
    String folder = folder();
    LogstashEncoder encoder = new LogstashEncoder();
    encoder.setContext(loggers);
    encoder.setTimeZone("UTC");
    // Of a line's fields none needs them, and to look for them opens every jar.
    encoder.setFindAndRegisterJacksonModules(false);
    encoder.addProvider(new TraceFields());
    encoder.start();
    RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
    file.setContext(loggers);
    file.setName("file");
    file.setFile(folder + "/sidecar.log");
    SizeAndTimeBasedRollingPolicy<ILoggingEvent> rolling = new SizeAndTimeBasedRollingPolicy<>();
    rolling.setContext(loggers);
    rolling.setParent(file);
    rolling.setFileNamePattern(folder + "/sidecar.%d{yyyy-MM-dd}.%i.log.gz");
    rolling.setMaxFileSize(new FileSize(MAX_FILE_BYTES));
    rolling.setMaxHistory(MAX_DAYS);
    rolling.setTotalSizeCap(new FileSize(MAX_BYTES));
    rolling.start();
    file.setRollingPolicy(rolling);
    file.setTriggeringPolicy(rolling);
    file.setEncoder(encoder);
    file.start();
    return file;
  }

  /** Read here, since the first line is written before there is a configuration. */
  static String folder() {
    String property = System.getProperty(FOLDER);
    if (property != null) {
      return property;
    }
    String variable = System.getenv(FOLDER);
    return variable == null || variable.isEmpty() ? "logs" : variable;
  }
}
