package io.equator.server.contract;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** Starts the endpoint and makes the shared tables, once for all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ContractCluster
    implements TablesContract,
        ItemsContract,
        QueryContract,
        BatchContract,
        GlobalIndexContract,
        TtlContract,
        TransactionContract,
        PartiqlContract {

  private final Endpoint endpoint;

  /** Storage nodes of the cluster, unless the endpoint is given from outside. */
  ContractCluster(int nodes) {
    this(nodes, 1);
  }

  /** The same, with this many partitions. */
  ContractCluster(int nodes, int partitions) {
    endpoint = Endpoint.with(nodes, partitions);
  }

  @Override
  public DynamoDbClient dynamo() {
    return endpoint.client();
  }

  @Override
  public DynamoDbStreamsClient streams() {
    return endpoint.streams();
  }

  @BeforeAll
  void makeTables() {
    create(Contract.plain(PLAIN));
    create(Contract.sorted(SORTED));
  }

  @AfterAll
  void stop() {
    try {
      dynamo().deleteTable(request -> request.tableName(PLAIN));
      dynamo().deleteTable(request -> request.tableName(SORTED));
    } finally {
      endpoint.close();
    }
  }
}
