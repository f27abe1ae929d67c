package io.equator.coordinator.items;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.EncodedItem;
import io.equator.proto.ApiErrorMessage;
import io.equator.proto.ConditionFailed;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import org.jspecify.annotations.Nullable;

/** The answer of PutItem, UpdateItem and DeleteItem, which have the same three members. */
final class WriteReply implements ReplyBody {
  private final Written written;
  private final WriteMembers members;
  private final @Nullable CollectionMetrics metrics;

  private WriteReply(Written written, WriteMembers members, @Nullable CollectionMetrics metrics) {
    this.written = written;
    this.members = members;
    this.metrics = metrics;
  }

  /**
   * The answer to a write that was made.
   *
   * @throws ApiException when it was not
   */
  static WriteReply of(WriteResult result, WriteMembers members, @Nullable CollectionKey key) {
    Written written = written(result);
    CollectionMetrics metrics =
        key == null || !written.hasCollectionSize()
            ? null
            : new CollectionMetrics(key.name(), key.value(), written.getCollectionSize());
    return new WriteReply(written, members, metrics);
  }

  /**
   * What a write did.
   *
   * @throws ApiException when it was refused
   */
  static Written written(WriteResult result) {
    return switch (result.getOutcomeCase()) {
      case WRITTEN -> result.getWritten();
      case CONDITION_FAILED -> throw new ApiException(conditionFailed(result.getConditionFailed()));
      case REFUSED -> throw new ApiException(refusal(result.getRefused()));
      case OUTCOME_NOT_SET -> throw new IllegalStateException("a write without an outcome");
    };
  }

  private static ApiError conditionFailed(ConditionFailed failed) {
    return new ApiError(
        ErrorCode.CONDITIONAL_CHECK_FAILED,
        "The conditional request failed",
        failed.hasItem() ? EncodedItem.wrap(failed.getItem()) : null);
  }

  /** The error that a node found. */
  private static ApiError refusal(ApiErrorMessage refused) {
    ErrorCode code = ErrorCode.ofCode(refused.getCode());
    if (code == null) {
      throw new IllegalStateException("a node refused with the unknown code " + refused.getCode());
    }
    return new ApiError(code, refused.getMessage());
  }

  @Override
  public void writeTo(WireWriter out) {
    out.beginObject();
    if (written.hasAttributes()) {
      out.name("Attributes");
      out.item(EncodedItem.wrap(written.getAttributes()));
    }
    CapacityReport report = members.capacityReport();
    if (report != CapacityReport.NONE) {
      Consumption consumption = new Consumption();
      consumption.addWrite(written);
      consumption.writeMember(out, members.tableName(), report);
    }
    if (metrics != null) {
      out.name("ItemCollectionMetrics");
      metrics.write(out);
    }
    out.endObject();
  }
}
