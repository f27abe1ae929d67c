package io.equator.coordinator.api;

import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiError;
import io.equator.model.item.EncodedItem;

/** How an error is spelled: {@code {"__type":"…#Code","message":"…"}} and what else it carries. */
record ErrorBody(ApiError error) implements ReplyBody {
  /** The whole answer. */
  static ApiReply reply(ApiError error) {
    return new ApiReply(error.code().httpStatus(), new ErrorBody(error));
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
    out.endObject();
  }
}
