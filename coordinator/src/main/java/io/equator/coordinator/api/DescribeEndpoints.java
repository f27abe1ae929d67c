package io.equator.coordinator.api;

import java.util.concurrent.CompletableFuture;

/**
 * Tells clients that look for an endpoint to stay where they are: the address is the host that the
 * client itself has named, which is right behind every proxy and port mapping.
 */
public final class DescribeEndpoints implements Operation {
  private static final int CACHE_PERIOD_MINUTES = 1440;

  private final String addressWithoutHost;

  /**
   * The operation.
   *
   * @param addressWithoutHost the answer to a client that sends no {@code Host} header
   */
  public DescribeEndpoints(String addressWithoutHost) {
    this.addressWithoutHost = addressWithoutHost;
  }

  @Override
  public String name() {
    return "DescribeEndpoints";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    call.parse(NoMembers.READER);
    String host = call.context().host();
    String address = host.isEmpty() ? addressWithoutHost : host;
    return CompletableFuture.completedFuture(
        out -> {
          out.beginObject();
          out.beginArray("Endpoints");
          out.beginObject();
          out.field("Address", address);
          out.field("CachePeriodInMinutes", CACHE_PERIOD_MINUTES);
          out.endObject();
          out.endArray();
          out.endObject();
        });
  }
}
