package io.equator.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** Protects those who collect log lines from lines that are no JSON. */
class JsonLogEncoderTest {

  private final LoggerContext context = new LoggerContext();
  private final JsonLogEncoder encoder = new JsonLogEncoder();
  private boolean mdcIsSet;

  private LoggingEvent event(String message, Throwable cause, Object... arguments) {
    LoggingEvent event =
        new LoggingEvent(
            "x", context.getLogger("io.equator.X"), Level.WARN, message, cause, arguments);
    event.setInstant(Instant.parse("2026-11-27T19:00:00.123456Z"));
    event.setThreadName("main");
    return event;
  }

  private String encode(LoggingEvent event) {
    if (!mdcIsSet) {
      event.setMDCPropertyMap(Map.of());
    }
    return new String(encoder.encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void aLineIsOneObject() {
    assertThat(encode(event("partition {} is \"open\"", null, 3)))
        .isEqualTo(
            "{\"time\":\"2026-11-27T19:00:00.123456Z\",\"level\":\"WARN\","
                + "\"logger\":\"io.equator.X\",\"thread\":\"main\","
                + "\"message\":\"partition 3 is \\\"open\\\"\"}\n");
  }

  @Test
  void fieldsOfTheThreadAndOfTheLineStandTogether() {
    LoggingEvent event = event("slow", null);
    mdcIsSet = true;
    event.setMDCPropertyMap(Map.of("node", "node-1", "millis", "from the thread"));
    event.addKeyValuePair(new KeyValuePair("requestId", "ABC"));
    event.addKeyValuePair(new KeyValuePair("millis", 12));
    assertThat(encode(event))
        .endsWith(",\"fields\":{\"millis\":\"12\",\"node\":\"node-1\",\"requestId\":\"ABC\"}}\n");
  }

  @Test
  void anExceptionStaysOnTheLine() throws Exception {
    String line = encode(event("failed\nbadly\u0001", new IllegalStateException("a\tbug")));
    assertThat(line.strip()).doesNotContain("\n");
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      String exception = "";
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.VALUE_STRING
            && "exception".equals(parser.currentName())) {
          exception = parser.getText();
        }
      }
      assertThat(exception)
          .startsWith("java.lang.IllegalStateException: a\tbug")
          .contains("at io.equator.server.JsonLogEncoderTest.anExceptionStaysOnTheLine");
    }
  }
}
