package io.equator.coordinator.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request's head that is a map. */
record HeadOf(Map<String, String> headers, String query) implements RequestHead {
  static HeadOf signed() {
    return new HeadOf(
        Map.of(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/dynamodb/aws4_request,"
                + " SignedHeaders=host;x-amz-date, Signature=00",
            "x-amz-date",
            "20260101T000000Z",
            "host",
            "db.example:8000"),
        "");
  }

  @Override
  public String methodName() {
    return "POST";
  }

  @Override
  public String path() {
    return "/";
  }

  @Override
  public @Nullable String header(String name) {
    return headers.get(name);
  }
}
