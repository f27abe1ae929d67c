package io.equator.coordinator.tables;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.IndexStatistics;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.TableStatisticsRequest;
import io.equator.proto.TableStatisticsResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects the sizes that DescribeTable tells, and that a silent node does not hold it up. */
class StatisticsReaderTest {
  private static final String CREATE =
      "{'TableName':'Music','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
          + "{'AttributeName':'sk','AttributeType':'S'},{'AttributeName':'a','AttributeType':'S'}],"
          + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
          + "{'AttributeName':'sk','KeyType':'RANGE'}],'BillingMode':'PAY_PER_REQUEST',"
          + "'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':["
          + "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],"
          + "'Projection':{'ProjectionType':'ALL'}}]}";

  @TempDir Path directory;
  private final CountingNode node = new CountingNode();
  private Server server;
  private ManagedChannel channel;
  private Tables tables;

  @BeforeEach
  void open() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).directExecutor().addService(node).build().start();
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    NodeServiceGrpc.NodeServiceStub stub = NodeServiceGrpc.newStub(channel);
    tables = new Tables(directory, _ -> stub).reconciled();
    tables.create(CREATE);
  }

  @AfterEach
  void close() {
    tables.close();
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void theNodesAreAskedOnceForAWhile() {
    for (int i = 0; i < 5; i++) {
      assertThat(describe())
          .contains("\"TableSizeBytes\":300,\"ItemCount\":3")
          .contains("\"IndexSizeBytes\":70,\"ItemCount\":2");
    }
    assertThat(node.asked).hasValue(1);
  }

  @Test
  void aNodeThatFailsLeavesTheNumbersAtWhatIsKnown() {
    node.failing = true;
    assertThat(describe()).contains("\"TableSizeBytes\":0,\"ItemCount\":0");
  }

  @Test
  void aNodeThatIsSilentDoesNotHoldUp() {
    node.silent = true;
    assertThat(describe()).contains("\"TableSizeBytes\":0,\"ItemCount\":0");
  }

  private String describe() {
    return tables.call("DescribeTable", "{'TableName':'Music'}");
  }

  private static final class CountingNode extends NodeServiceGrpc.NodeServiceImplBase {
    private volatile boolean failing;
    private volatile boolean silent;
    private final AtomicInteger asked = new AtomicInteger();

    @Override
    public void tableStatistics(
        TableStatisticsRequest request, StreamObserver<TableStatisticsResponse> answer) {
      asked.incrementAndGet();
      if (silent) {
        return;
      }
      if (failing) {
        answer.onError(Status.UNAVAILABLE.asRuntimeException());
        return;
      }
      answer.onNext(
          TableStatisticsResponse.newBuilder()
              .setItemCount(3)
              .setSizeBytes(300)
              .addIndexes(
                  IndexStatistics.newBuilder().setIndexId(1).setItemCount(2).setSizeBytes(70))
              .build());
      answer.onCompleted();
    }
  }
}
