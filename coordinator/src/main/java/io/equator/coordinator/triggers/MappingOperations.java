package io.equator.coordinator.triggers;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.streams.StreamFeed;
import io.equator.coordinator.tables.Arns;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogObject;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Lambda's five calls for event-source mappings. Blocking. */
final class MappingOperations {
  /** Mappings of one cluster. */
  static final int MAPPINGS_MAX = 1_000;

  /** Mappings in one answer (API page of ListEventSourceMappings). */
  private static final int PAGE_MAX = 100;

  private final TriggerCatalog catalog;
  private final StreamFeed feed;
  private final Results results;
  private final InstantSource clock;

  MappingOperations(TriggerCatalog catalog, StreamFeed feed, Results results, InstantSource clock) {
    this.catalog = catalog;
    this.feed = feed;
    this.results = results;
    this.clock = clock;
  }

  /** Which mappings to list. */
  record Listing(
      @Nullable String eventSourceArn,
      @Nullable String functionName,
      @Nullable String marker,
      @Nullable Integer maxItems) {}

  ReplyBody create(MappingRequest request) {
    MappingRules.check(request, true);
    Arns arns = catalog.arns();
    MappingRules.checkSource(request, arns);
    String sourceArn = Objects.requireNonNull(request.eventSourceArn());
    FunctionName function = function(Objects.requireNonNull(request.functionName()), arns);
    EventSourceMappingDescriptor.Builder mapping =
        MappingRules.defaults()
            .setUuid(UUID.randomUUID().toString())
            .setEventSourceArn(sourceArn)
            .setStartingPosition(Objects.requireNonNull(request.startingPosition()))
            .setFunctionArn(function.arn())
            .setFunctionName(function.name())
            .setState(MappingState.CREATING)
            .setModifiedMillis(clock.millis());
    MappingRules.apply(request, mapping);
    EventSourceMappingDescriptor[] made = new EventSourceMappingDescriptor[1];
    catalog.change(
        List.of(),
        objects -> {
          requireFunction(objects, function);
          StreamFeed.Source source =
              feed.find(sourceArn)
                  .orElseThrow(() -> LambdaException.invalid("Stream not found: " + sourceArn));
          requireUnique(objects, mapping.getUuid(), sourceArn, function.arn());
          made[0] = mapping.setTableId(source.tableId()).setStreamId(source.streamId()).build();
          return guarded(objects)
              .addComparisons(
                  TriggerCatalog.absent(CatalogKeys.eventSourceMapping(mapping.getUuid())))
              .addPuts(TriggerCatalog.object(made[0]))
              .build();
        });
    return shown(made[0], Results.NONE);
  }

  ReplyBody get(String uuid) {
    EventSourceMappingDescriptor mapping =
        catalog.mapping(uuid).orElseThrow(LambdaException::noSuchMapping).getEventSourceMapping();
    return shown(mapping, results.of(mapping));
  }

  ReplyBody list(Listing listing) {
    Arns arns = catalog.arns();
    String functionArn =
        listing.functionName() == null ? null : function(listing.functionName(), arns).arn();
    if (listing.maxItems() != null && listing.maxItems() < 1) {
      throw LambdaException.of(
          400,
          "ValidationException",
          "1 validation error detected: Value '"
              + listing.maxItems()
              + "' at 'maxItems' failed to satisfy constraint: Member must have value greater than"
              + " or equal to 1");
    }
    int limit = Math.min(PAGE_MAX, listing.maxItems() == null ? PAGE_MAX : listing.maxItems());
    List<EventSourceMappingDescriptor> page = new ArrayList<>();
    boolean more = false;
    for (CatalogObject object : catalog.snapshot().eventSourceMappings()) {
      EventSourceMappingDescriptor mapping = object.getEventSourceMapping();
      if ((listing.marker() != null && mapping.getUuid().compareTo(listing.marker()) <= 0)
          || !equalOrNull(listing.eventSourceArn(), mapping.getEventSourceArn())
          || !equalOrNull(functionArn, mapping.getFunctionArn())) {
        continue;
      }
      if (page.size() == limit) {
        more = true;
        break;
      }
      page.add(mapping);
    }
    List<String> last = page.stream().map(results::of).toList();
    String marker = more ? page.getLast().getUuid() : "";
    return out -> {
      out.beginObject();
      if (!marker.isEmpty()) {
        out.field("NextMarker", marker);
      }
      out.beginArray("EventSourceMappings");
      for (int i = 0; i < page.size(); i++) {
        MappingWriter.write(out, page.get(i), last.get(i), arns);
      }
      out.endArray();
      out.endObject();
    };
  }

  private static boolean equalOrNull(@Nullable String wanted, String found) {
    return wanted == null || wanted.equals(found);
  }

  ReplyBody update(String uuid, MappingRequest request) {
    MappingRules.check(request, false);
    Arns arns = catalog.arns();
    Optional<FunctionName> function =
        Optional.ofNullable(request.functionName()).map(name -> function(name, arns));
    EventSourceMappingDescriptor[] made = new EventSourceMappingDescriptor[1];
    catalog.change(
        function.isPresent() ? List.of() : List.of(CatalogKeys.eventSourceMapping(uuid)),
        objects -> {
          CatalogObject before = find(objects, uuid);
          EventSourceMappingDescriptor old = before.getEventSourceMapping();
          if (!MappingState.isSettled(old)) {
            throw LambdaException.inUse("update");
          }
          EventSourceMappingDescriptor.Builder mapping =
              old.toBuilder().setModifiedMillis(clock.millis());
          MappingRules.apply(request, mapping);
          mapping.setState(MappingState.onUpdate(old.getEnabled(), mapping.getEnabled()));
          CatalogCommitRequest.Builder commit = CatalogCommitRequest.newBuilder();
          function.ifPresent(
              named -> {
                requireFunction(objects, named);
                requireUnique(objects, uuid, old.getEventSourceArn(), named.arn());
                mapping.setFunctionArn(named.arn()).setFunctionName(named.name());
                commit.mergeFrom(guarded(objects).build());
              });
          made[0] = mapping.build();
          return commit.mergeFrom(TriggerCatalog.replacing(before, made[0])).build();
        });
    return shown(made[0], results.of(made[0]));
  }

  ReplyBody delete(String uuid) {
    EventSourceMappingDescriptor[] made = new EventSourceMappingDescriptor[1];
    catalog.change(
        List.of(CatalogKeys.eventSourceMapping(uuid)),
        objects -> {
          CatalogObject before = find(objects, uuid);
          EventSourceMappingDescriptor old = before.getEventSourceMapping();
          if (!MappingState.isSettled(old)) {
            throw LambdaException.inUse("delete");
          }
          made[0] =
              old.toBuilder()
                  .setState(MappingState.DELETING)
                  .setModifiedMillis(clock.millis())
                  .build();
          return TriggerCatalog.replacing(before, made[0]);
        });
    return shown(made[0], results.of(made[0]));
  }

  private ReplyBody shown(EventSourceMappingDescriptor mapping, String lastResult) {
    Arns arns = catalog.arns();
    return out -> MappingWriter.write(out, mapping, lastResult, arns);
  }

  private static CatalogObject find(List<CatalogObject> objects, String uuid) {
    return objects.stream()
        .filter(o -> o.hasEventSourceMapping() && o.getEventSourceMapping().getUuid().equals(uuid))
        .findFirst()
        .orElseThrow(LambdaException::noSuchMapping);
  }

  private static FunctionName function(String name, Arns arns) {
    return FunctionName.parse(name, arns)
        .orElseThrow(
            () ->
                LambdaException.invalid(
                    "The function "
                        + name
                        + " cannot be used: name a registered function, or an http or https URL."));
  }

  private static void requireFunction(List<CatalogObject> objects, FunctionName function) {
    if (!function.name().isEmpty()
        && objects.stream()
            .noneMatch(o -> o.hasFunction() && o.getFunction().getName().equals(function.name()))) {
      throw LambdaException.invalid("Function does not exist");
    }
  }

  private static void requireUnique(
      List<CatalogObject> objects, String uuid, String sourceArn, String functionArn) {
    int count = 0;
    for (CatalogObject object : objects) {
      EventSourceMappingDescriptor other = object.getEventSourceMapping();
      if (!object.hasEventSourceMapping() || other.getUuid().equals(uuid)) {
        continue;
      }
      count++;
      if (other.getEventSourceArn().equals(sourceArn)
          && other.getFunctionArn().equals(functionArn)) {
        throw LambdaException.conflict(
            "The event source arn (\" "
                + sourceArn
                + " \") and function (\" "
                + functionArn
                + " \") provided mapping already exists. Please update or delete the existing"
                + " mapping with UUID "
                + other.getUuid());
      }
    }
    if (count >= MAPPINGS_MAX) {
      throw LambdaException.invalid(
          "There are " + count + " event source mappings, the most is " + MAPPINGS_MAX + ".");
    }
  }

  /**
   * A commit that fails when another one of these came in between: the cluster's object is written
   * again as it is, so that of two that look at all mappings one has to look again.
   */
  private static CatalogCommitRequest.Builder guarded(List<CatalogObject> objects) {
    CatalogObject cluster =
        objects.stream()
            .filter(CatalogObject::hasCluster)
            .findFirst()
            .orElseThrow(LambdaException::service);
    return CatalogCommitRequest.newBuilder()
        .addComparisons(TriggerCatalog.unchanged(cluster))
        .addPuts(cluster);
  }
}
