package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogImage;
import io.equator.proto.CatalogImageChunk;
import io.equator.proto.CatalogImageServiceGrpc;
import io.equator.proto.FetchCatalogImageRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.zip.CRC32C;

/**
 * Gives this member's image to others. It is small, so it is sent at once, in pieces only because a
 * message has a bound.
 */
public final class CatalogImageEndpoint
    extends CatalogImageServiceGrpc.CatalogImageServiceImplBase {
  private static final int CHUNK_BYTES = 1 << 20;

  private final CatalogMachine machine;

  /** Gives the image of {@code machine}. */
  public CatalogImageEndpoint(CatalogMachine machine) {
    this.machine = machine;
  }

  @Override
  public void fetch(FetchCatalogImageRequest request, StreamObserver<CatalogImageChunk> answer) {
    CatalogImage image = machine.image();
    if (image.getLogIndex() < request.getAtLeastIndex()) {
      answer.onError(
          Status.FAILED_PRECONDITION
              .withDescription("the catalog is here at " + image.getLogIndex())
              .asRuntimeException());
      return;
    }
    ByteString bytes = image.toByteString();
    for (int from = 0; from < bytes.size(); from += CHUNK_BYTES) {
      answer.onNext(
          CatalogImageChunk.newBuilder()
              .setData(bytes.substring(from, Math.min(bytes.size(), from + CHUNK_BYTES)))
              .build());
    }
    answer.onNext(CatalogImageChunk.newBuilder().setCrc32C(checksum(bytes)).build());
    answer.onCompleted();
  }

  static int checksum(ByteString bytes) {
    CRC32C checksum = new CRC32C();
    bytes.asReadOnlyByteBufferList().forEach(checksum::update);
    return (int) checksum.getValue();
  }
}
