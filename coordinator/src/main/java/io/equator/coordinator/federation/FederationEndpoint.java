package io.equator.coordinator.federation;

import io.equator.proto.ClusterDescriptor;
import io.equator.proto.FederationServiceGrpc;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionExchangeRequest;
import io.equator.proto.RegionExchangeResponse;
import io.equator.proto.RegionTableRequest;
import io.equator.proto.RegionTableResponse;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Answers other regions of the federation; one that has left is refused. Blocking. */
public final class FederationEndpoint extends FederationServiceGrpc.FederationServiceImplBase {
  private final CatalogFollower catalog;
  private final FederationCatalog documents;
  private final Function<String, RegionTableResponse> tables;
  private final ToLongFunction<String> unsent;
  private final InstantSource clock;

  /**
   * Answers from this catalog.
   *
   * @param tables describes a table of this region by its name
   * @param unsent counts the changes that a region does not have yet
   */
  public FederationEndpoint(
      CatalogFollower catalog,
      FederationCatalog documents,
      Function<String, RegionTableResponse> tables,
      ToLongFunction<String> unsent,
      InstantSource clock) {
    this.catalog = catalog;
    this.documents = documents;
    this.tables = tables;
    this.unsent = unsent;
    this.clock = clock;
  }

  @Override
  public void exchange(
      RegionExchangeRequest request, StreamObserver<RegionExchangeResponse> answer) {
    KnownDocuments known = KnownDocuments.of(catalog.snapshot());
    RegionDescriptor caller = request.getCaller();
    boolean member =
        known
            .region(caller.getName())
            .filter(region -> region.getNumber() == caller.getNumber())
            .filter(region -> region.getClusterId().equals(caller.getClusterId()))
            .isPresent();
    Optional<RegionDescriptor> left = left(known, caller);
    if (left.isPresent()) {
      // It may not have heard. This is all that it learns here.
      answer.onNext(RegionExchangeResponse.newBuilder().addRegions(left.get()).build());
      answer.onCompleted();
      return;
    }
    if (!member) {
      refuse(caller.getName(), answer);
      return;
    }
    try {
      KnownDocuments news = known.news(request.getRegionsList(), request.getGlobalTablesList());
      if (!news.isEmpty()) {
        documents.takeIn(news.regions(), news.tables());
      }
    } catch (CatalogUnavailableException e) {
      answer.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
      return;
    }
    // What was taken in reaches the copy soon, and the caller with the next exchange.
    CatalogSnapshot copy = catalog.snapshot();
    KnownDocuments now = KnownDocuments.of(copy);
    RegionExchangeResponse.Builder response =
        RegionExchangeResponse.newBuilder()
            .addAllRegions(now.regions())
            .addAllGlobalTables(now.tables())
            .setUnsentRecords(unsent.applyAsLong(caller.getName()))
            .setAnsweredMillis(clock.millis());
    for (RegionDescriptor region : now.regions()) {
      response.addSilences(RegionSilences.silence(copy, region));
    }
    Optional<String> own = copy.cluster().map(ClusterDescriptor::getRegion);
    own.flatMap(now::region).ifPresent(response::setAnswerer);
    answer.onNext(response.build());
    answer.onCompleted();
  }

  private static Optional<RegionDescriptor> left(KnownDocuments known, RegionDescriptor caller) {
    return known.regions().stream()
        .filter(region -> region.getRemoved() && region.getName().equals(caller.getName()))
        .filter(region -> region.getClusterId().equals(caller.getClusterId()))
        .findFirst();
  }

  @Override
  public void describeTable(
      RegionTableRequest request, StreamObserver<RegionTableResponse> answer) {
    if (KnownDocuments.of(catalog.snapshot()).region(request.getCallerRegion()).isEmpty()) {
      refuse(request.getCallerRegion(), answer);
      return;
    }
    try {
      answer.onNext(tables.apply(request.getTableName()));
      answer.onCompleted();
    } catch (RuntimeException e) {
      answer.onError(
          Status.UNAVAILABLE
              .withDescription(String.valueOf(e.getMessage()))
              .withCause(e)
              .asRuntimeException());
    }
  }

  private static void refuse(String caller, StreamObserver<?> answer) {
    answer.onError(
        Status.PERMISSION_DENIED
            .withDescription("'" + caller + "' is no region of this federation (any more)")
            .asRuntimeException());
  }
}
