package io.equator.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.event.KeyValuePair;

/**
 * One JSON object a line.
 *
 * <table>
 * <caption>Members, in this order</caption>
 * <tr><td>time</td><td>ISO 8601, UTC, to the microsecond</td></tr>
 * <tr><td>level</td><td>ERROR, WARN, INFO, DEBUG, TRACE</td></tr>
 * <tr><td>logger, thread, message</td><td>as they are</td></tr>
 * <tr><td>exception</td><td>its stack trace; only when there is one</td></tr>
 * <tr><td>fields</td><td>what the line is about by name: of the thread (MDC) and of the line itself;
 *     only when there are any; values are strings</td></tr>
 * </table>
 */
final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {

  private static final byte[] NOTHING = {};

  private final JsonFactory json = new JsonFactory();

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    try (JsonGenerator out = json.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("time", event.getInstant().toString());
      out.writeStringField("level", event.getLevel().toString());
      out.writeStringField("logger", event.getLoggerName());
      out.writeStringField("thread", event.getThreadName());
      out.writeStringField("message", event.getFormattedMessage());
      IThrowableProxy exception = event.getThrowableProxy();
      if (exception != null) {
        out.writeStringField("exception", ThrowableProxyUtil.asString(exception));
      }
      SortedMap<String, String> fields = fields(event);
      if (!fields.isEmpty()) {
        out.writeObjectFieldStart("fields");
        for (Map.Entry<String, String> field : fields.entrySet()) {
          out.writeStringField(field.getKey(), field.getValue());
        }
        out.writeEndObject();
      }
      out.writeEndObject();
      out.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("an array has no input or output errors", e);
    }
    return line.toByteArray();
  }

  private static SortedMap<String, String> fields(ILoggingEvent event) {
    SortedMap<String, String> fields = new TreeMap<>(event.getMDCPropertyMap());
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> fields.put(pair.key, String.valueOf(pair.value)));
    }
    return fields;
  }
}
