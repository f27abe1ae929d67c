package io.equator.server.dev;

import io.equator.server.dev.DataFolder.Shape;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;

/**
 * A one-region cluster in this process: the list of its parts, in the order in which they start.
 */
public final class EmbeddedCluster implements AutoCloseable {

  private final DataFolder folder;
  private final Shape shape;
  private final InetSocketAddress address;

  private EmbeddedCluster(DataFolder folder, Shape shape, InetSocketAddress address) {
    this.folder = folder;
    this.shape = shape;
    this.address = address;
  }

  /**
   * Starts everything; when this returns, requests are answered.
   *
   * @throws io.equator.server.Refusal when the options, the folder or a port stand in the way
   */
  public static EmbeddedCluster start(DevOptions options) {
    DataFolder folder = options.data().map(DataFolder::open).orElseGet(DataFolder::temporary);
    Shape shape =
        folder
            .shape()
            .orElseGet(
                () ->
                    new Shape(
                        options.region().orElse(DevOptions.DEFAULT_REGION),
                        options.nodes().orElse(1),
                        options.partitions().orElse(1),
                        options.nodes().orElse(1) == 1
                            ? List.of()
                            : RaftPorts.pick(options.nodes().orElse(1), new SecureRandom())));
    folder.describe(shape);
    return new EmbeddedCluster(
        folder, shape, new InetSocketAddress(options.host(), options.port()));
  }

  /** Where the endpoint listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** The endpoint, as clients are configured with it. */
  public String url() {
    return "http://" + address.getHostString() + ":" + address.getPort();
  }

  public String region() {
    return shape.region();
  }

  public int nodes() {
    return shape.nodes();
  }

  public int partitions() {
    return shape.partitions();
  }

  /** The folder that holds everything. */
  public Path data() {
    return folder.path();
  }

  @Override
  public void close() {
    try {
      folder.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
