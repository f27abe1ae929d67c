package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogImage;
import io.equator.proto.CatalogImageChunk;
import io.equator.proto.CatalogImageServiceGrpc;
import io.equator.proto.FetchCatalogImageRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks one member after the other for its image. */
public final class GrpcCatalogImages implements CatalogImageSource {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcCatalogImages.class);
  private static final Duration WITHIN = Duration.ofSeconds(20);

  private final Function<NodeId, @Nullable Channel> channels;

  /**
   * @param channels to the members; null for one that is not known
   */
  public GrpcCatalogImages(Function<NodeId, @Nullable Channel> channels) {
    this.channels = channels;
  }

  @Override
  public Optional<CatalogImage> fetch(long atLeastIndex, List<NodeId> members) {
    for (NodeId member : members) {
      Channel channel = channels.apply(member);
      if (channel == null) {
        continue;
      }
      try {
        return Optional.of(fetch(channel, atLeastIndex));
      } catch (StatusRuntimeException | InvalidProtocolBufferException e) {
        LOG.info("{} did not give its image of the catalog: {}", member, e.getMessage());
      }
    }
    return Optional.empty();
  }

  private static CatalogImage fetch(Channel channel, long atLeastIndex)
      throws InvalidProtocolBufferException {
    Iterator<CatalogImageChunk> chunks =
        CatalogImageServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(WITHIN)
            .fetch(FetchCatalogImageRequest.newBuilder().setAtLeastIndex(atLeastIndex).build());
    ByteString bytes = ByteString.EMPTY;
    while (chunks.hasNext()) {
      CatalogImageChunk chunk = chunks.next();
      bytes = bytes.concat(chunk.getData());
      if (chunk.hasCrc32C()) {
        if (chunk.getCrc32C() != CatalogImageEndpoint.checksum(bytes)) {
          throw new InvalidProtocolBufferException("it did not come as it was sent");
        }
        return CatalogImage.parseFrom(bytes);
      }
    }
    throw new InvalidProtocolBufferException("it ended before its end");
  }
}
