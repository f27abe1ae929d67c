package io.equator.server;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;
import org.slf4j.event.EventConstants;

/**
 * Hands what a library says to the JDK's logging to ours, under the same name, so that it has our
 * form and obeys our levels.
 */
final class JdkLogHandler extends Handler {

  private final Formatter messages = new SimpleFormatter();

  @Override
  public void publish(LogRecord said) {
    String name = said.getLoggerName();
    LoggerFactory.getLogger(name == null || name.isEmpty() ? "jdk" : name)
        .atLevel(org.slf4j.event.Level.intToLevel(levelOf(said.getLevel())))
        .setCause(said.getThrown())
        .log(messages.formatMessage(said));
  }

  private static int levelOf(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return EventConstants.ERROR_INT;
    }
    if (value >= Level.WARNING.intValue()) {
      return EventConstants.WARN_INT;
    }
    return value >= Level.INFO.intValue() ? EventConstants.INFO_INT : EventConstants.DEBUG_INT;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
