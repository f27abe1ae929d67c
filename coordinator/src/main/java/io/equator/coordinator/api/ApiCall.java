package io.equator.coordinator.api;

import io.equator.coordinator.json.RequestReader;
import io.equator.coordinator.json.WireReader;
import org.jspecify.annotations.Nullable;

/**
 * One request to one operation.
 *
 * <p>The bytes of the body are the edge's: they may be read until {@link Operation#run} returns and
 * not after. What {@link #parse} has made of them is the operation's.
 */
public final class ApiCall {
  private final byte[] body;
  private final int offset;
  private final int length;
  private final RequestContext context;
  private @Nullable String table;

  /** A call whose body is {@code length} bytes of {@code body} from {@code offset}. */
  public ApiCall(byte[] body, int offset, int length, RequestContext context) {
    this.body = body;
    this.offset = offset;
    this.length = length;
    this.context = context;
  }

  /**
   * Reads the body.
   *
   * @throws io.equator.model.error.ApiException with {@code SerializationException}, see {@link
   *     WireReader#read}
   */
  public <T extends @Nullable Object> T parse(RequestReader<T> reader) {
    T request = WireReader.read(body, offset, length, reader);
    if (request instanceof AboutTable about) {
      table = about.aboutTable();
    }
    return request;
  }

  /** Says which table the request is about, where that is known later than its members are. */
  public void about(@Nullable String name) {
    table = name;
  }

  /** The table that the request is about, as it names it; null when none is known. */
  @Nullable String table() {
    return table;
  }

  /** Who asks, when, and under which id. */
  public RequestContext context() {
    return context;
  }
}
