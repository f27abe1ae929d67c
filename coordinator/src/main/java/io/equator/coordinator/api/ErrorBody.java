package io.equator.coordinator.api;

import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiError;
import io.equator.model.error.CancellationReason;
import io.equator.model.error.ErrorCode;
import io.equator.model.error.ThrottlingReason;
import io.equator.model.item.EncodedItem;

/** How an error is spelled: {@code {"__type":"…#Code","message":"…"}} and what else it carries. */
record ErrorBody(ApiError error) implements ReplyBody {
  /** The whole answer. */
  static ApiReply reply(ApiError error) {
    return new ApiReply(error.code().httpStatus(), new ErrorBody(error));
  }

  private static void write(WireWriter out, CancellationReason reason) {
    out.beginObject();
    out.field("Code", reason.code());
    String message = reason.message();
    if (message != null) {
      out.field("Message", message);
    }
    EncodedItem item = reason.item();
    if (item != null) {
      out.name("Item");
      out.item(item);
    }
    out.endObject();
  }

  private static void write(WireWriter out, ThrottlingReason reason) {
    out.beginObject();
    out.field("reason", reason.reason());
    out.field("resource", reason.resource());
    out.endObject();
  }

  @Override
  public void writeTo(WireWriter out) {
    out.beginObject();
    out.field("__type", error.code().type());
    String message = error.message();
    if (message != null) {
      out.field(error.code().messageMember(), message);
    }
    EncodedItem item = error.item();
    if (item != null) {
      out.name("Item");
      out.item(item);
    }
    if (!error.reasons().isEmpty()) {
      out.beginArray("CancellationReasons");
      error.reasons().forEach(reason -> write(out, reason));
      out.endArray();
    }
    if (!error.throttling().isEmpty()) {
      // The model spells the member of this one error with a small letter.
      out.beginArray(
          error.code() == ErrorCode.THROTTLING ? "throttlingReasons" : "ThrottlingReasons");
      error.throttling().forEach(reason -> write(out, reason));
      out.endArray();
    }
    out.endObject();
  }
}
