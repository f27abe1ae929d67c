package io.equator.coordinator.query;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.items.PathChecks;
import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.expression.ResolvedExpressions;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.partitioner.TokenRange;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads a page of a whole table or local index, or of one segment of it. */
public final class Scan implements Operation {
  private static final ValueWording WORDING = ValueWording.OLDER;
  private static final int SEGMENTS_MAX = 1_000_000;

  private final Router router;
  private final ParseCache cache;

  /** The operation. */
  public Scan(Router router, ParseCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "Scan";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    return PageReader.read(router, call.parse(Request::read).check(cache));
  }

  /** A Scan as sent. */
  private static final class Request implements AboutTable {
    private final PageMembers members = new PageMembers();
    private @Nullable Integer segment;
    private @Nullable Integer totalSegments;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "Segment" -> request.segment = in.integer();
          case "TotalSegments" -> request.totalSegments = in.integer();
          default -> request.members.read(in);
        }
      }
      return request;
    }

    @Override
    public @Nullable String aboutTable() {
      return members.sentTableName();
    }

    PageRequest check(ParseCache cache) {
      members.checkTableName();
      Constraints constraints = new Constraints();
      members.check(constraints, "scanFilter");
      constraints.range("limit", members.limit(), 1, Integer.MAX_VALUE);
      constraints.range("totalSegments", totalSegments, 1, SEGMENTS_MAX);
      constraints.range("segment", segment, 0, SEGMENTS_MAX - 1L);
      constraints.throwIfAny();
      RequestExpressions expressions = members.expressions(RequestKind.SCAN, cache, WORDING);
      expressions.checkParameters();
      EncodedItem start = members.exclusiveStartKey(WORDING);
      Segment part = checkSegment();
      members.checkSelect("Scanning");
      ResolvedExpressions resolved = expressions.resolve();
      Integer limit = members.limit();
      return new PageRequest(
          members.tableName(),
          members.consistent(),
          false,
          limit == null ? 0 : limit,
          resolved.filter().orElse(null),
          resolved.projection().orElse(null),
          members.countsOnly(),
          members.capacityReport(),
          snapshot -> bind(snapshot, members, resolved, start, part));
    }

    private Segment checkSegment() {
      Integer number = segment;
      Integer total = totalSegments;
      if (number == null && total == null) {
        return Segment.WHOLE;
      }
      if (total == null) {
        throw ApiException.validation(
            "The TotalSegments parameter is required but was not present in the request when"
                + " Segment parameter is present");
      }
      if (number == null) {
        throw ApiException.validation(
            "The Segment parameter is required but was not present in the request when parameter"
                + " TotalSegments is present");
      }
      if (number >= total) {
        throw ApiException.validation(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments:"
                + " Segment: "
                + number
                + " is not less than TotalSegments: "
                + total);
      }
      return new Segment(number, total);
    }
  }

  private static PageTarget bind(
      CatalogSnapshot snapshot,
      PageMembers members,
      ResolvedExpressions resolved,
      @Nullable EncodedItem start,
      Segment segment) {
    TableView table = TableNames.serving(snapshot, members.tableName());
    IndexView index = IndexChoice.find(table, members);
    if (start != null) {
      StartKeys.checkAttributes(
          table,
          index,
          start,
          index == null
              ? StartKeys.INVALID + ": " + KeyExtractor.SCHEMA_MISMATCH
              : StartKeys.INVALID);
    }
    IndexChoice.checkProjected(
        index, members.wantsAllAttributes(), resolved.projection().orElse(null));
    if (start != null) {
      StartKeys.primaryKey(table, start);
    }
    IndexChoice.checkReadable(index);
    TokenRange tokens = segment.tokens();
    ByteString exclusiveStart = ByteString.EMPTY;
    if (start != null) {
      StartKeys.Position position = StartKeys.position(snapshot, table, index, start);
      if (!tokens.contains(position.token())) {
        throw ApiException.validation(
            StartKeys.INVALID
                + ": Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment."
                + " TotalSegments: "
                + segment.total()
                + " Segment: "
                + segment.number());
      }
      tokens = TokenRange.of(position.token(), tokens.last().bits());
      exclusiveStart = UnsafeByteOperations.unsafeWrap(position.bytes());
    }
    resolved.projection().ifPresent(projection -> PathChecks.check(table, projection));
    resolved.filter().ifPresent(filter -> PathChecks.check(table, filter));
    return new PageTarget(
        table,
        index,
        tokens,
        null,
        exclusiveStart,
        IndexChoice.fetchesItems(
            index, members.wantsAllAttributes(), resolved.projection().orElse(null)));
  }
}
