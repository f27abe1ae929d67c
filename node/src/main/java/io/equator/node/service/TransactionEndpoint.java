package io.equator.node.service;

import io.equator.model.item.CorruptItemException;
import io.equator.node.core.Redirects;
import io.equator.node.core.Store;
import io.equator.node.core.StoreException;
import io.equator.node.core.TransactionReader;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResponse;
import io.equator.proto.GetRequest;
import io.equator.proto.HeldLocks;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.ListLocksRequest;
import io.equator.proto.ListLocksResponse;
import io.equator.proto.PartitionRef;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResponse;
import io.equator.proto.Redirect;
import io.equator.proto.TransactReadResponse;
import io.equator.proto.TransactionServiceGrpc;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.catalog.VersionAttributes;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers coordinators in what concerns transactions; on the same threads as {@link NodeEndpoint}.
 */
public final class TransactionEndpoint extends TransactionServiceGrpc.TransactionServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionEndpoint.class);
  private static final int LISTED_MAX = 1_000;

  private final NodeEndpoint node;
  private final HostedPartitions partitions;
  private final Store store;
  private final Supplier<CatalogSnapshot> catalog;
  private final LongSupplier wallMillis;

  /**
   * @param node finds partitions
   * @param store of the node
   * @param catalog the newest copy of the catalog here
   * @param wallMillis milliseconds since the epoch
   */
  public TransactionEndpoint(
      NodeEndpoint node,
      HostedPartitions partitions,
      Store store,
      Supplier<CatalogSnapshot> catalog,
      LongSupplier wallMillis) {
    this.node = node;
    this.partitions = partitions;
    this.store = store;
    this.catalog = catalog;
    this.wallMillis = wallMillis;
  }

  @Override
  public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> caller) {
    Reply<PrepareResponse> reply =
        node.reply("Prepare", request.getPartition(), request.getTrace(), caller);
    List<TableView> tables = new ArrayList<>(request.getActionsCount());
    NodeEndpoint.Found found = find(request, tables);
    HostedPartition partition = found.partition();
    if (partition == null) {
      reply.send(PrepareResponse.newBuilder().setRedirect(redirect(found)).build());
    } else {
      partition.writer().transactions().prepare(request, tables, reply::send);
    }
  }

  @Override
  public void transactWrite(PrepareRequest request, StreamObserver<PrepareResponse> caller) {
    Reply<PrepareResponse> reply =
        node.reply("TransactWrite", request.getPartition(), request.getTrace(), caller);
    List<TableView> tables = new ArrayList<>(request.getActionsCount());
    NodeEndpoint.Found found = find(request, tables);
    HostedPartition partition = found.partition();
    if (partition == null) {
      reply.send(PrepareResponse.newBuilder().setRedirect(redirect(found)).build());
    } else {
      partition.writer().transactions().write(request, tables, reply::send);
    }
  }

  /** The partition, when all actions are in it and their tables are as the caller knows them. */
  private NodeEndpoint.Found find(PrepareRequest request, List<TableView> tables) {
    NodeEndpoint.Found found = node.find(request.getPartition());
    HostedPartition partition = found.partition();
    Redirect redirect = found.redirect();
    CatalogSnapshot snapshot = catalog.get();
    for (int i = 0; redirect == null && partition != null && i < request.getActionsCount(); i++) {
      ItemWrite write = request.getActions(i).getWrite();
      redirect = NodeEndpoint.misplaced(partition, write.getKey().getToken());
      if (redirect == null) {
        redirect = NodeEndpoint.mismatch(snapshot, write.getTable(), tables);
      }
    }
    if (redirect == null && request.getActionsCount() == 0) {
      redirect = Redirects.of(Redirect.Reason.REASON_UNSPECIFIED, "a request without actions");
    }
    if (redirect == null && partition != null) {
      redirect = node.refusesWrites(partition);
    }
    return redirect == null ? found : new NodeEndpoint.Found(null, redirect);
  }

  @Override
  public void finish(FinishRequest request, StreamObserver<FinishResponse> caller) {
    Reply<FinishResponse> reply =
        node.reply("Finish", request.getPartition(), request.getTrace(), caller);
    NodeEndpoint.Found found = node.find(request.getPartition());
    HostedPartition partition = found.partition();
    if (partition == null) {
      reply.send(FinishResponse.newBuilder().setRedirect(redirect(found)).build());
    } else {
      partition.writer().transactions().finish(request, reply::send);
    }
  }

  @Override
  public void transactRead(GetRequest request, StreamObserver<TransactReadResponse> caller) {
    Reply<TransactReadResponse> reply =
        node.reply("TransactRead", request.getPartition(), request.getTrace(), caller);
    NodeEndpoint.Found found = node.find(request.getPartition());
    HostedPartition partition = found.partition();
    Redirect redirect = found.redirect();
    CatalogSnapshot snapshot = catalog.get();
    for (int i = 0; redirect == null && partition != null && i < request.getGetsCount(); i++) {
      ItemGet get = request.getGets(i);
      redirect = NodeEndpoint.misplaced(partition, get.getKey().getToken());
      if (redirect == null) {
        redirect = NodeEndpoint.mismatch(snapshot, get.getTable(), null);
      }
    }
    if (redirect != null || partition == null) {
      reply.send(
          TransactReadResponse.newBuilder()
              .setRedirect(redirect == null ? Redirect.getDefaultInstance() : redirect)
              .build());
      return;
    }
    NodeEndpoint.whenFresh(
        partition,
        true,
        () -> read(partition, request, reply),
        to -> reply.send(TransactReadResponse.newBuilder().setRedirect(to).build()));
  }

  private void read(
      HostedPartition partition, GetRequest request, Reply<TransactReadResponse> reply) {
    long id = partition.machine().partition();
    TransactReadResponse response;
    try {
      CatalogSnapshot snapshot = catalog.get();
      TransactionReader reader =
          new TransactionReader(store, id, table -> VersionAttributes.of(snapshot, table));
      response = TransactReadResponse.newBuilder().setResults(reader.read(request)).build();
    } catch (StoreException | CorruptItemException e) {
      partitions.unreadable(id);
      LOG.error("partition {} could not be read", id, e);
      response =
          TransactReadResponse.newBuilder()
              .setRedirect(
                  Redirects.of(Redirect.Reason.UNAVAILABLE, String.valueOf(e.getMessage())))
              .build();
    }
    reply.send(response);
  }

  @Override
  public void listLocks(ListLocksRequest request, StreamObserver<ListLocksResponse> caller) {
    ListLocksResponse.Builder response = ListLocksResponse.newBuilder();
    long before = wallMillis.getAsLong() - request.getOlderThanMillis();
    int limit = Math.min(request.getLimit(), LISTED_MAX);
    for (HostedPartition partition : partitions.all()) {
      if (!partition.leadsOwner()) {
        continue;
      }
      PartitionRef reference =
          PartitionRef.newBuilder()
              .setPartitionId(partition.machine().partition())
              .setEpoch(partition.descriptor().epoch())
              .build();
      partition
          .writer()
          .transactions()
          .locksOlderThan(
              before,
              (transaction, ledgerKey, token) -> {
                if (response.getHeldCount() < limit) {
                  response.addHeld(
                      HeldLocks.newBuilder()
                          .setPartition(reference)
                          .setTransactionId(transaction)
                          .setLedgerKey(ledgerKey)
                          .setRingId(partition.descriptor().ringId())
                          .setToken(token));
                }
              });
    }
    new Reply<>(caller).send(response.build());
  }

  private static Redirect redirect(NodeEndpoint.Found found) {
    @Nullable Redirect redirect = found.redirect();
    return redirect == null ? Redirect.getDefaultInstance() : redirect;
  }
}
