package io.equator.coordinator.api;

import io.equator.coordinator.json.WireWriter;

/**
 * The answer of an operation that went well: it writes itself when the edge is ready to send it.
 *
 * <p>So an answer holds items in their stored form until the last moment, and nobody has to say who
 * owns a buffer. {@link #writeTo} is called once, on the connection's thread, and may not block.
 */
@FunctionalInterface
public interface ReplyBody {
  /** The answer without members, {@code {}}. */
  ReplyBody EMPTY =
      out -> {
        out.beginObject();
        out.endObject();
      };

  /** Writes one JSON object. */
  void writeTo(WireWriter out);
}
