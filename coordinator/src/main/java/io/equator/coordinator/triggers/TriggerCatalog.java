package io.equator.coordinator.triggers;

import io.equator.coordinator.tables.Arns;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mappings and functions in the catalog, changed by compare-and-set on a linearizable read.
 * Blocking: for virtual threads.
 */
final class TriggerCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(TriggerCatalog.class);
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(20);
  private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(5);

  private final CatalogClient client;
  private final CatalogFollower follower;

  TriggerCatalog(CatalogClient client, CatalogFollower follower) {
    this.client = client;
    this.follower = follower;
  }

  /** The local copy; it may be a little old. */
  CatalogSnapshot snapshot() {
    return follower.snapshot();
  }

  Arns arns() {
    return Arns.of(snapshot().cluster().orElseThrow(LambdaException::service));
  }

  /** The objects of these keys that are there; all of the catalog when none is named. */
  List<CatalogObject> read(String... keys) {
    try {
      return client.read(List.of(keys)).getObjectsList();
    } catch (CatalogUnavailableException e) {
      LOG.warn("the catalog cannot be read: {}", e.getMessage());
      throw LambdaException.service();
    }
  }

  /** A mapping, as new as any change that was answered. */
  Optional<CatalogObject> mapping(String uuid) {
    return read(CatalogKeys.eventSourceMapping(uuid)).stream()
        .filter(CatalogObject::hasEventSourceMapping)
        .findFirst();
  }

  /**
   * Decides on what is there and commits, again and again until nobody came in between.
   *
   * @param keys what the decision looks at; all of the catalog when empty
   * @param decision what to commit; throws when the request is not possible
   */
  void change(List<String> keys, Function<List<CatalogObject>, CatalogCommitRequest> decision) {
    long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
    while (System.nanoTime() - deadline < 0) {
      if (commit(decision.apply(read(keys.toArray(String[]::new))))) {
        return;
      }
    }
    LOG.warn("gave up a change of a trigger that kept conflicting");
    throw LambdaException.service();
  }

  /** Whether the commit was made, and is in the local copy if that was fast enough. */
  boolean commit(CatalogCommitRequest commit) {
    CatalogCommitResponse answer;
    try {
      answer = client.commit(commit);
    } catch (CatalogUnavailableException e) {
      LOG.warn("a change of a trigger has no known outcome: {}", e.getMessage());
      throw LambdaException.service();
    }
    if (answer.getOutcome() != Outcome.COMMITTED) {
      return false;
    }
    try {
      follower.awaitRevision(answer.getRevision(), FOLLOW_LIMIT).join();
    } catch (CompletionException e) {
      LOG.warn("the local catalog copy is behind revision {}", answer.getRevision(), e);
    }
    return true;
  }

  static CatalogComparison unchanged(CatalogObject object) {
    return CatalogComparison.newBuilder()
        .setKey(object.getKey())
        .setVersion(object.getVersion())
        .build();
  }

  static CatalogComparison absent(String key) {
    return CatalogComparison.newBuilder().setKey(key).build();
  }

  static CatalogObject object(EventSourceMappingDescriptor mapping) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.eventSourceMapping(mapping.getUuid()))
        .setEventSourceMapping(mapping)
        .build();
  }

  /** A mapping in place of what it was. */
  static CatalogCommitRequest replacing(
      CatalogObject before, EventSourceMappingDescriptor mapping) {
    return CatalogCommitRequest.newBuilder()
        .addComparisons(unchanged(before))
        .addPuts(object(mapping))
        .build();
  }

  static CatalogCommitRequest removing(CatalogObject before) {
    return CatalogCommitRequest.newBuilder()
        .addComparisons(unchanged(before))
        .addDeletes(before.getKey())
        .build();
  }
}
