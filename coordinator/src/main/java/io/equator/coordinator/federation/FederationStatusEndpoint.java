package io.equator.coordinator.federation;

import io.equator.proto.FederationCondition;
import io.equator.proto.FederationStatusRequest;
import io.equator.proto.FederationStatusResponse;
import io.equator.proto.FederationStatusServiceGrpc;
import io.equator.proto.ReplicationArrivals;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Tells the cluster's own operators how this coordinator stands with other regions. */
public final class FederationStatusEndpoint
    extends FederationStatusServiceGrpc.FederationStatusServiceImplBase {
  private final Supplier<Map<String, Condition>> conditions;
  private final Supplier<List<ReplicationArrivals>> arrivals;

  /** Tells these. */
  public FederationStatusEndpoint(
      Supplier<Map<String, Condition>> conditions, Supplier<List<ReplicationArrivals>> arrivals) {
    this.conditions = conditions;
    this.arrivals = arrivals;
  }

  @Override
  public void status(
      FederationStatusRequest request, StreamObserver<FederationStatusResponse> answer) {
    FederationStatusResponse.Builder response =
        FederationStatusResponse.newBuilder().addAllArrivals(arrivals.get());
    conditions
        .get()
        .forEach(
            (region, condition) ->
                response.addConditions(
                    FederationCondition.newBuilder()
                        .setRegion(region)
                        .setExchangedMillis(
                            condition.exchanged().map(Instant::toEpochMilli).orElse(0L))
                        .setRoundTripMillis(condition.roundTripMillis())
                        .setOffsetMillis(condition.offsetMillis())
                        .setUnsentRecords(condition.unsentRecords())
                        .setTrouble(condition.trouble())));
    answer.onNext(response.build());
    answer.onCompleted();
  }
}
