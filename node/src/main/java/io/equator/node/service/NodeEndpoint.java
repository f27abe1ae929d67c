package io.equator.node.service;

import io.equator.model.item.CorruptItemException;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.PageReader;
import io.equator.node.core.Redirects;
import io.equator.node.core.StoreException;
import io.equator.proto.ConfirmTermsRequest;
import io.equator.proto.ConfirmTermsResponse;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResponse;
import io.equator.proto.GetResults;
import io.equator.proto.IndexStatistics;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.PartitionRef;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.ReadPageResponse;
import io.equator.proto.Redirect;
import io.equator.proto.RequestTrace;
import io.equator.proto.TableRef;
import io.equator.proto.TableStatisticsRequest;
import io.equator.proto.TableStatisticsResponse;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.catalog.VersionAttributes;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers coordinators and other nodes.
 *
 * <table>
 * <caption>Which thread does what</caption>
 * <tr><td>Get</td><td>the calling thread; it reads the store there</td></tr>
 * <tr><td>ReadPage</td><td>the calling thread for the first {@value #INLINE_ROWS} rows, then a reading thread</td></tr>
 * <tr><td>Write</td><td>decided on the calling thread, answered on the one that applies the log</td></tr>
 * <tr><td>consistent reads with several replicas</td><td>the thread that brings the confirmation</td></tr>
 * </table>
 */
public final class NodeEndpoint extends NodeServiceGrpc.NodeServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(NodeEndpoint.class);
  private static final int INLINE_ROWS = 64;

  private final HostedPartitions partitions;
  private final LogHost logs;
  private final Supplier<CatalogSnapshot> catalog;
  private final Executor readers;
  private final CallObserver observer;

  /**
   * @param catalog the newest copy of the catalog here
   * @param readers runs reads that take long
   * @param observer sees the calls
   */
  public NodeEndpoint(
      HostedPartitions partitions,
      LogHost logs,
      Supplier<CatalogSnapshot> catalog,
      Executor readers,
      CallObserver observer) {
    this.partitions = partitions;
    this.logs = logs;
    this.catalog = catalog;
    this.readers = readers;
    this.observer = observer;
  }

  @Override
  public void write(WriteRequest request, StreamObserver<WriteResponse> caller) {
    Reply<WriteResponse> reply = reply("Write", request.getPartition(), request.getTrace(), caller);
    Found found = find(request.getPartition());
    Redirect redirect = found.redirect();
    HostedPartition partition = found.partition();
    List<TableView> tables = new ArrayList<>(request.getWritesCount());
    CatalogSnapshot snapshot = catalog.get();
    for (int i = 0; redirect == null && partition != null && i < request.getWritesCount(); i++) {
      ItemWrite write = request.getWrites(i);
      redirect = misplaced(partition, write.getKey().getToken());
      if (redirect == null) {
        redirect = mismatch(snapshot, write.getTable(), tables);
      }
    }
    if (redirect == null && request.getWritesCount() == 0) {
      redirect = Redirects.of(Redirect.Reason.REASON_UNSPECIFIED, "a request without writes");
    }
    if (redirect == null && partition != null) {
      redirect = refusesWrites(partition);
    }
    if (redirect != null || partition == null) {
      reply.send(WriteResponse.newBuilder().setRedirect(elsewhere(redirect)).build());
      return;
    }
    partition.writer().write(request, tables, reply::send);
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetResponse> caller) {
    Reply<GetResponse> reply = reply("Get", request.getPartition(), request.getTrace(), caller);
    Found found = find(request.getPartition());
    Redirect redirect = found.redirect();
    HostedPartition partition = found.partition();
    CatalogSnapshot snapshot = catalog.get();
    for (int i = 0; redirect == null && partition != null && i < request.getGetsCount(); i++) {
      ItemGet get = request.getGets(i);
      redirect = misplaced(partition, get.getKey().getToken());
      if (redirect == null) {
        redirect = mismatch(snapshot, get.getTable(), null);
      }
    }
    if (redirect != null || partition == null) {
      reply.send(GetResponse.newBuilder().setRedirect(elsewhere(redirect)).build());
      return;
    }
    whenFresh(
        partition,
        request.getConsistent(),
        () -> get(partition, request, reply),
        to -> reply.send(GetResponse.newBuilder().setRedirect(to).build()));
  }

  private void get(HostedPartition partition, GetRequest request, Reply<GetResponse> reply) {
    GetResponse response;
    try {
      response = GetResponse.newBuilder().setResults(read(partition, request)).build();
    } catch (StoreException | CorruptItemException e) {
      partitions.unreadable(partition.machine().partition());
      LOG.error("partition {} could not be read", partition.machine().partition(), e);
      response = GetResponse.newBuilder().setRedirect(unreadable(e)).build();
    }
    reply.send(response);
  }

  /** Versions are asked for by comparisons of regions: of one table, and nothing else with them. */
  private GetResults read(HostedPartition partition, GetRequest request) {
    if (request.getGetsCount() == 0 || !request.getGets(0).getVersionOnly()) {
      CatalogSnapshot snapshot = catalog.get();
      return partition.reader().get(request, table -> VersionAttributes.of(snapshot, table));
    }
    int table = request.getGets(0).getTable().getTableId();
    return partition
        .reader()
        .versions(request, () -> partition.machine().tombstonesDroppedUpTo(table));
  }

  @Override
  public void readPage(ReadPageRequest request, StreamObserver<ReadPageResponse> caller) {
    Reply<ReadPageResponse> reply =
        reply("ReadPage", request.getPartition(), request.getTrace(), caller);
    Found found = find(request.getPartition());
    Redirect redirect = found.redirect();
    HostedPartition partition = found.partition();
    List<TableView> tables = new ArrayList<>(1);
    if (redirect == null && partition != null && request.hasQuery()) {
      redirect = misplaced(partition, request.getQuery().getToken());
    }
    if (redirect == null) {
      redirect = mismatch(catalog.get(), request.getTable(), tables);
    }
    IndexView index = null;
    if (redirect == null && request.getIndexId() != 0) {
      index = index(tables.getFirst(), request.getIndexId());
      if (index == null) {
        redirect = Redirects.of(Redirect.Reason.STALE_SCHEMA, "no such index");
      }
    }
    if (redirect != null || partition == null) {
      reply.send(ReadPageResponse.newBuilder().setRedirect(elsewhere(redirect)).build());
      return;
    }
    IndexView read = index;
    whenFresh(
        partition,
        request.getConsistent(),
        () -> page(partition, tables.getFirst(), read, request, reply),
        to -> reply.send(ReadPageResponse.newBuilder().setRedirect(to).build()));
  }

  private void page(
      HostedPartition partition,
      TableView table,
      @Nullable IndexView index,
      ReadPageRequest request,
      Reply<ReadPageResponse> reply) {
    PageReader reader = null;
    try {
      VersionAttributes versions = VersionAttributes.of(catalog.get(), table.id());
      reader = partition.reader().page(table, index, request, versions);
      if (!reader.advance(INLINE_ROWS)) {
        PageReader rest = reader;
        reader = null;
        continueOnReader(partition, rest, reply);
        return;
      }
      reply.send(ReadPageResponse.newBuilder().setPage(reader.page()).build());
    } catch (StoreException | CorruptItemException e) {
      partitions.unreadable(partition.machine().partition());
      LOG.error("partition {} could not be read", partition.machine().partition(), e);
      reply.send(ReadPageResponse.newBuilder().setRedirect(unreadable(e)).build());
    } finally {
      if (reader != null) {
        reader.close();
      }
    }
  }

  private void continueOnReader(
      HostedPartition partition, PageReader rest, Reply<ReadPageResponse> reply) {
    try {
      readers.execute(
          () -> {
            try (rest) {
              boolean complete = rest.advance(Integer.MAX_VALUE);
              if (complete) {
                reply.send(ReadPageResponse.newBuilder().setPage(rest.page()).build());
              }
            } catch (StoreException | CorruptItemException e) {
              partitions.unreadable(partition.machine().partition());
              LOG.error("partition {} could not be read", partition.machine().partition(), e);
              reply.send(ReadPageResponse.newBuilder().setRedirect(unreadable(e)).build());
            }
          });
    } catch (RejectedExecutionException e) {
      rest.close();
      reply.send(
          ReadPageResponse.newBuilder()
              .setRedirect(Redirects.of(Redirect.Reason.OVERLOADED, "too many reads are waiting"))
              .build());
    }
  }

  @Override
  public void tableStatistics(
      TableStatisticsRequest request, StreamObserver<TableStatisticsResponse> caller) {
    int table = request.getTableId();
    long items = 0;
    long bytes = 0;
    List<IndexView> indexes = new ArrayList<>();
    catalog
        .get()
        .table(table)
        .ifPresent(
            view -> {
              indexes.addAll(view.localIndexes());
              indexes.addAll(view.globalIndexes());
            });
    long[] indexItems = new long[indexes.size()];
    long[] indexBytes = new long[indexes.size()];
    for (HostedPartition partition : partitions.all()) {
      if (!partition.leadsOwner()) {
        continue;
      }
      Counters counters = partition.machine().counters(table, 0);
      items += counters.items();
      bytes += counters.bytes();
      for (int i = 0; i < indexes.size(); i++) {
        Counters ofIndex = partition.machine().counters(table, indexes.get(i).id());
        indexItems[i] += ofIndex.items();
        indexBytes[i] += ofIndex.bytes();
      }
    }
    TableStatisticsResponse.Builder response =
        TableStatisticsResponse.newBuilder().setItemCount(items).setSizeBytes(bytes);
    for (int i = 0; i < indexes.size(); i++) {
      response.addIndexes(
          IndexStatistics.newBuilder()
              .setIndexId(indexes.get(i).id())
              .setItemCount(indexItems[i])
              .setSizeBytes(indexBytes[i]));
    }
    new Reply<>(caller).send(response.build());
  }

  @Override
  public void confirmTerms(
      ConfirmTermsRequest request, StreamObserver<ConfirmTermsResponse> caller) {
    ConfirmTermsResponse.Builder response = ConfirmTermsResponse.newBuilder();
    for (long id : request.getPartitionIdsList()) {
      response.addTerms(logs.currentTerm(new GroupId(id)));
    }
    new Reply<>(caller).send(response.build());
  }

  /** The answer to a call to a partition, of which the observer is told. */
  <T> Reply<T> reply(
      String method, PartitionRef partition, RequestTrace request, StreamObserver<T> caller) {
    return new Reply<>(caller, observer, method, partition.getPartitionId(), request);
  }

  record Found(@Nullable HostedPartition partition, @Nullable Redirect redirect) {}

  Found find(PartitionRef reference) {
    Optional<String> unfit = partitions.unfit(reference.getPartitionId());
    if (unfit.isPresent()) {
      return new Found(null, Redirects.of(Redirect.Reason.UNAVAILABLE, unfit.get()));
    }
    HostedPartition partition = partitions.partition(reference.getPartitionId());
    if (partition == null || partition.descriptor().epoch() != reference.getEpoch()) {
      return new Found(
          null, Redirects.of(Redirect.Reason.WRONG_PARTITION, "no such partition and epoch here"));
    }
    return partition.machine().sealed() == null
        ? new Found(partition, null)
        : new Found(null, split());
  }

  private static Redirect split() {
    return Redirects.of(Redirect.Reason.WRONG_PARTITION, "the partition has been split");
  }

  /** Only the leader refuses: another node knows no more than that it does not lead. */
  @Nullable Redirect refusesWrites(HostedPartition partition) {
    return partitions.refusesWrites(partition).filter(_ -> partition.leads()).orElse(null);
  }

  /** Notes that a key with this token is asked for, unless it lies elsewhere. */
  static @Nullable Redirect misplaced(HostedPartition partition, long token) {
    if (!partition.descriptor().holds(token)) {
      return Redirects.of(Redirect.Reason.WRONG_PARTITION, "the token is outside of the partition");
    }
    partition.load().touch(token);
    return null;
  }

  /** Adds the table to {@code views}, or says why the two sides do not mean the same table. */
  static @Nullable Redirect mismatch(
      CatalogSnapshot snapshot, TableRef reference, @Nullable List<TableView> views) {
    Optional<TableView> table = snapshot.table(reference.getTableId());
    if (table.isEmpty()) {
      return Redirects.of(Redirect.Reason.UNKNOWN_TABLE, "no such table here");
    }
    long known = table.get().reference().getSchemaVersion();
    if (known > reference.getSchemaVersion()) {
      return Redirects.of(Redirect.Reason.STALE_SCHEMA, "the node's is " + known);
    }
    if (known < reference.getSchemaVersion()) {
      return Redirects.of(Redirect.Reason.UNKNOWN_TABLE, "the node has not heard of this version");
    }
    if (views != null) {
      views.add(table.get());
    }
    return null;
  }

  private static @Nullable IndexView index(TableView table, int id) {
    for (IndexView index : table.localIndexes()) {
      if (index.id() == id) {
        return index;
      }
    }
    for (IndexView index : table.globalIndexes()) {
      if (index.id() == id) {
        return index;
      }
    }
    return null;
  }

  interface Otherwise {
    void redirected(Redirect to);
  }

  /** Runs {@code read} when the state here is as new as the reader wants it. */
  static void whenFresh(
      HostedPartition partition, boolean consistent, Runnable read, Otherwise otherwise) {
    if (!consistent) {
      read.run();
      return;
    }
    CompletableFuture<Boolean> confirmation = partition.log().confirmLeadership();
    if (confirmation.isDone() && !confirmation.isCompletedExceptionally()) {
      fresh(partition, confirmation.join(), read, otherwise);
    } else {
      var _ =
          confirmation.whenComplete(
              (held, _) -> fresh(partition, Boolean.TRUE.equals(held), read, otherwise));
    }
  }

  private static void fresh(
      HostedPartition partition, boolean held, Runnable read, Otherwise otherwise) {
    if (held && partition.machine().sealed() != null) {
      // It was split while leadership was confirmed.
      otherwise.redirected(split());
    } else if (held) {
      read.run();
    } else {
      otherwise.redirected(Redirects.notLeader(partition.leaderHint()));
    }
  }

  private static Redirect elsewhere(@Nullable Redirect redirect) {
    return redirect == null ? Redirect.getDefaultInstance() : redirect;
  }

  private static Redirect unreadable(RuntimeException failure) {
    return Redirects.of(Redirect.Reason.UNAVAILABLE, String.valueOf(failure.getMessage()));
  }
}
