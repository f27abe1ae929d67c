package io.equator.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.spi.FilterReply;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends warnings and errors to standard error, one line each; the environment variable {@code
 * EQUATOR_LOG} (for example {@code debug}) lets more of our own through, and {@code
 * EQUATOR_LOG_FORMAT=json} makes JSON objects of the lines.
 *
 * <p>Code instead of Logback's XML file, because parsing that takes a tenth of the time in which
 * {@code equator dev} has to be ready. Logback finds this class as a service.
 */
public final class Logging extends ContextAwareBase implements Configurator {

  private static final String CONSOLE = "console";

  /**
   * gRPC, also the copy inside Ratis, logs to the JDK's logging; fields, because that forgets what
   * nobody holds.
   */
  private static final Logger JDK_ROOT = Logger.getLogger("");

  private static final Logger RATIS_GRPC = Logger.getLogger("org.apache.ratis.thirdparty.io.grpc");

  /** Lets what is worth knowing of a server that runs for months through, unless told otherwise. */
  public static void informative() {
    if (System.getenv("EQUATOR_LOG") == null
        && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger("io.equator").setLevel(Level.INFO);
    }
  }

  /** Writes lines in this format from now on. */
  public static void use(LogFormat format) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && context.getLogger("ROOT").getAppender(CONSOLE)
            instanceof ConsoleAppender<ILoggingEvent> console) {
      console.setEncoder(encoder(format, context));
    }
  }

  private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
    Encoder<ILoggingEvent> encoder =
        switch (format) {
          case TEXT -> {
            PatternLayoutEncoder text = new PatternLayoutEncoder();
            text.setPattern("%d{HH:mm:ss.SSS} %-5level [%thread] %logger{20} - %msg%n");
            yield text;
          }
          case JSON -> new JsonLogEncoder();
        };
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Filter<ILoggingEvent> expected = new Expected();
    expected.setContext(context);
    expected.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setName(CONSOLE);
    console.setEncoder(
        encoder(
            "json".equalsIgnoreCase(System.getenv("EQUATOR_LOG_FORMAT"))
                ? LogFormat.JSON
                : LogFormat.TEXT,
            context));
    console.addFilter(expected);
    console.start();
    context.getLogger("ROOT").addAppender(console);
    context.getLogger("ROOT").setLevel(Level.WARN);
    Level ours = Level.toLevel(System.getenv("EQUATOR_LOG"), Level.WARN);
    context.getLogger("io.equator").setLevel(ours);
    // A node that is down for a moment makes it warn several times a second, with what our own
    // messages say once.
    context.getLogger("org.apache.ratis").setLevel(ours == Level.WARN ? Level.ERROR : Level.WARN);
    // Beans of Ratis are named after node and group, and two regions of a process have the same.
    context.getLogger("org.apache.ratis.util.JmxRegister").setLevel(Level.OFF);
    RATIS_GRPC.setLevel(java.util.logging.Level.WARNING);
    for (Handler handler : JDK_ROOT.getHandlers()) {
      JDK_ROOT.removeHandler(handler);
    }
    JDK_ROOT.addHandler(new JdkLogHandler());
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /**
   * Keeps out what Ratis calls an error and is none: a replica that is starting or stopping turns
   * away the others, who come again.
   */
  private static final class Expected extends Filter<ILoggingEvent> {
    private static final String NOT_READY =
        "org.apache.ratis.protocol.exceptions.ServerNotReadyException";

    @Override
    public FilterReply decide(ILoggingEvent event) {
      IThrowableProxy cause = event.getThrowableProxy();
      return cause != null && NOT_READY.equals(cause.getClassName())
          ? FilterReply.DENY
          : FilterReply.NEUTRAL;
    }
  }
}
