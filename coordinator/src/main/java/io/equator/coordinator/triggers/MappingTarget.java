package io.equator.coordinator.triggers;

import io.equator.coordinator.streams.StreamFeed.Event;
import io.equator.coordinator.triggers.core.BatchDelivery.Step.Discard;
import io.equator.coordinator.triggers.core.FunctionAnswer;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.proto.FunctionDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a mapping's records go: its function, and those given up to its failure destination. */
final class MappingTarget {
  private static final Logger LOG = LoggerFactory.getLogger(MappingTarget.class);
  private static final byte[] START = "{\"Records\":[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);

  /** How often a failure destination is tried; the shard waits meanwhile. */
  private static final int TELL_ATTEMPTS = 6;

  private static final long TELL_PAUSE_MILLIS = 250;
  private static final Duration TELL_TIMEOUT = Duration.ofSeconds(30);

  private final EventSourceMappingDescriptor mapping;
  private final Supplier<CatalogSnapshot> catalog;
  private final EndpointCaller endpoints;

  MappingTarget(
      EventSourceMappingDescriptor mapping,
      Supplier<CatalogSnapshot> catalog,
      EndpointCaller endpoints) {
    this.mapping = mapping;
    this.catalog = catalog;
    this.endpoints = endpoints;
  }

  /** Calls the function with these records. */
  FunctionAnswer call(List<Event> events) throws InterruptedException {
    String url = mapping.getFunctionArn();
    int timeout = FunctionOperations.TIMEOUT_DEFAULT;
    if (!mapping.getFunctionName().isEmpty()) {
      var found = catalog.get().function(mapping.getFunctionName());
      if (found.isEmpty()) {
        return failed(0, "there is no function " + mapping.getFunctionName());
      }
      FunctionDescriptor function = found.get().getFunction();
      url = function.getUrl();
      timeout = function.getTimeoutSeconds();
    }
    return switch (endpoints.post(
        url, body(events), Duration.ofSeconds(timeout), mapping.getUuid())) {
      case EndpointCaller.Reply.Broken(String problem) -> failed(0, problem);
      case EndpointCaller.Reply.Answered(int status, String functionError, byte[] body) -> {
        FunctionAnswer answer =
            FunctionAnswer.of(
                status,
                functionError,
                body,
                mapping.getReportBatchItemFailures()
                    ? events.stream().map(Event::sequenceNumber).toList()
                    : List.of());
        if (answer instanceof FunctionAnswer.Failed(int _, String problem)) {
          yield failed(status, problem);
        }
        yield answer;
      }
    };
  }

  private FunctionAnswer.Failed failed(int status, String problem) {
    LOG.info("mapping {} to {}: {}", mapping.getUuid(), mapping.getFunctionArn(), problem);
    return new FunctionAnswer.Failed(status, problem);
  }

  private static byte[] body(List<Event> events) {
    int length = START.length + END.length;
    for (Event event : events) {
      length += event.json().length + 1;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(length);
    body.writeBytes(START);
    for (int i = 0; i < events.size(); i++) {
      if (i > 0) {
        body.write(',');
      }
      body.writeBytes(events.get(i).json());
    }
    body.writeBytes(END);
    return body.toByteArray();
  }

  /**
   * Tells that records are given up; a destination that does not take it after several attempts is
   * passed over, as on Lambda, so that it cannot hold the shard.
   *
   * @return false when it was stopped first
   */
  boolean tell(Discard discard, List<Event> events, String shardId, ShardWorker.Control control)
      throws InterruptedException {
    LOG.warn(
        "mapping {} gives up {} records of shard {}, {} to {}: {}",
        mapping.getUuid(),
        events.size(),
        shardId,
        events.getFirst().sequenceNumber(),
        events.getLast().sequenceNumber(),
        discard.cause().condition());
    if (mapping.getOnFailureDestination().isEmpty()) {
      return true;
    }
    byte[] record =
        new FailureRecord(
                UUID.randomUUID().toString(),
                mapping.getFunctionArn(),
                discard,
                shardId,
                mapping.getEventSourceArn(),
                events.getFirst().sequenceNumber(),
                events.getLast().sequenceNumber(),
                events.getFirst().createdMillis(),
                events.getLast().createdMillis(),
                control.nowMillis())
            .json();
    for (int attempt = 1; attempt <= TELL_ATTEMPTS; attempt++) {
      if (control.isStopping()) {
        return false;
      }
      EndpointCaller.Reply reply =
          endpoints.post(
              mapping.getOnFailureDestination(), record, TELL_TIMEOUT, mapping.getUuid());
      if (reply instanceof EndpointCaller.Reply.Answered(int status, String _, byte[] _)
          && status >= 200
          && status <= 299) {
        return true;
      }
      if (attempt < TELL_ATTEMPTS) {
        control.pause(TELL_PAUSE_MILLIS << attempt);
      }
    }
    LOG.error(
        "mapping {}: the failure destination {} takes nothing; what was given up is not told",
        mapping.getUuid(),
        mapping.getOnFailureDestination());
    return true;
  }
}
