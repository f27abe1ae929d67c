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

/** Answers other regions of the federation; one that has left is refused. Blocking. */
public final class FederationEndpoint extends FederationServiceGrpc.FederationServiceImplBase {
  private final CatalogFollower catalog;
  private final FederationCatalog documents;
  private final Function<String, RegionTableResponse> tables;
  private final InstantSource clock;

  /**
   * Answers from this catalog.
   *
   * @param tables describes a table of this region by its name
   */
  public FederationEndpoint(
      CatalogFollower catalog,
      FederationCatalog documents,
      Function<String, RegionTableResponse> tables,
      InstantSource clock) {
    this.catalog = catalog;
    this.documents = documents;
    this.tables = tables;
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
            .setAnsweredMillis(clock.millis());
    Optional<String> own = copy.cluster().map(ClusterDescriptor::getRegion);
    own.flatMap(now::region).ifPresent(response::setAnswerer);
    answer.onNext(response.build());
    answer.onCompleted();
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
