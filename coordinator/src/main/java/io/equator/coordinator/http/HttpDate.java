package io.equator.coordinator.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The value of the {@code Date} header, made once a second. One thread. */
final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private long second = Long.MIN_VALUE;
  private byte[] text = new byte[0];

  /** Now. */
  byte[] now() {
    long current = System.currentTimeMillis() / 1000;
    if (current != second) {
      second = current;
      text = FORMAT.format(Instant.ofEpochSecond(current)).getBytes(StandardCharsets.US_ASCII);
    }
    return text;
  }
}
